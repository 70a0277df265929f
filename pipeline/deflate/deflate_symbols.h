// The alphabets of deflate (RFC 1951, 3.2.5): bytes, the end of a block, and lengths in one; distances in the
// other. A length or a distance is a symbol and some extra bits behind it.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace cistern {

inline constexpr unsigned kLastBlock = 1, kFixedBlock = 1;  // RFC 1951, 3.2.3

inline constexpr size_t kShortestMatch = 3;
inline constexpr size_t kLongestMatch = 258;
inline constexpr size_t kLongestDistance = 32768;

inline constexpr size_t kEndOfBlock = 256;
inline constexpr size_t kFirstLength = 257;  // the symbol of kShortestMatch
inline constexpr size_t kLengthSymbols = 29;
inline constexpr size_t kLiteralSymbols = kFirstLength + kLengthSymbols;
inline constexpr size_t kDistanceSymbols = 30;

struct LengthSymbols {
  constexpr LengthSymbols() : base(), extra_bits(), symbol() {
    size_t length = kShortestMatch;
    for (unsigned i = 0; i < kLengthSymbols; ++i) {
      base[i] = static_cast<uint16_t>(length);
      extra_bits[i] = static_cast<uint8_t>(i < 8 ? 0 : i / 4 - 1);
      for (unsigned k = 0; k < 1u << extra_bits[i] && length <= kLongestMatch; ++k, ++length)
        symbol[length] = static_cast<uint8_t>(i);
    }
    // The longest one has a symbol for itself.
    base.back() = kLongestMatch;
    extra_bits.back() = 0;
    symbol[kLongestMatch] = kLengthSymbols - 1;
  }
  std::array<uint16_t, kLengthSymbols> base;
  std::array<uint8_t, kLengthSymbols> extra_bits;
  std::array<uint8_t, kLongestMatch + 1> symbol;  // of a length, from 0 on
};
inline constexpr LengthSymbols kLengths;
static_assert(kLengths.base[27] == 227 && kLengths.extra_bits[27] == 5 && kLengths.symbol[257] == 27);
static_assert(kLengths.base[8] == 11 && kLengths.extra_bits[8] == 1 && kLengths.symbol[12] == 8);

struct DistanceSymbol {
  unsigned symbol;
  unsigned extra_bits;  // the lowest ones of distance - 1
};

// From 5 on every power of two has two symbols.
[[gnu::always_inline]] inline DistanceSymbol distance_symbol(uint32_t distance) {
  const uint32_t beyond = distance - 1;
  const auto extra_bits = static_cast<unsigned>(30 - std::countl_zero(beyond | 2));
  return {2 * extra_bits + (beyond >> extra_bits), extra_bits};
}

}  // namespace cistern

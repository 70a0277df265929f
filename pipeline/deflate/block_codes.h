// One block's codes (RFC 1951, 3.2.6 and 3.2.7) in the form in which they are written fastest, made from how
// often its symbols occur.
#pragma once

#include <array>
#include <cstdint>

#include "pipeline/deflate/bit_writer.h"
#include "pipeline/deflate/deflate_symbols.h"
#include "pipeline/deflate/huffman_code.h"

namespace cistern {

struct SymbolCounts {
  std::array<uint32_t, kLiteralSymbols> literals{};
  std::array<uint32_t, kDistanceSymbols> distances{};
};

// A code, in the upper bits, and its length.
struct PackedCode {
  uint32_t packed = 0;

  uint64_t bits() const { return packed >> PackedBits::kCountBits; }
  unsigned length() const { return packed & 63; }
};

class BlockCodes {
 public:
  // Four literals may be added between two flushes, or a match's length and distance.
  static constexpr unsigned kLongestLiteral = 14;

  // For symbols that occur so often and no others: the cheaper of a code for them and deflate's fixed one.
  void fit(SymbolCounts counts);
  // For all symbols there are, of which these counts are a sample.
  void fit_sample(SymbolCounts counts);

  // What comes before the symbols of a block that is not the last; flushes.
  void write_header(BitWriter& out) const;
  [[gnu::always_inline]] PackedCode literal(uint8_t byte) const { return literals_[byte]; }
  [[gnu::always_inline]] PackedCode length(size_t length) const { return lengths_[length]; }
  [[gnu::always_inline]] PackedBits distance(uint32_t distance) const {
    const DistanceSymbol symbol = distance_symbol(distance);
    const PackedCode code = distances_[symbol.symbol];
    const uint64_t extra = (distance - 1) & ((1u << symbol.extra_bits) - 1);
    return PackedBits::of(code.bits() | extra << code.length(), code.length() + symbol.extra_bits);
  }
  PackedCode end_of_block() const { return end_of_block_; }

 private:
  using LiteralCodes = std::array<HuffmanCode, kMostHuffmanSymbols>;
  using DistanceCodes = std::array<HuffmanCode, kDistanceSymbols>;

  void make(SymbolCounts& counts);
  void pack();

  LiteralCodes literal_codes_;
  DistanceCodes distance_codes_;
  bool fixed_ = false;

  std::array<PackedCode, 256> literals_;
  std::array<PackedCode, kLongestMatch + 1> lengths_;  // with their extra bits
  std::array<PackedCode, kDistanceSymbols> distances_;
  PackedCode end_of_block_;
};

}  // namespace cistern

// Numbers from and to decimal digits, eight at a time in one register, without a branch for each: a log
// event's time is read once and written once, and a loop over its 13 digits costs as much as finding the
// end of its message. Eight digits in a register lie as they do in memory: the first, lowest byte is worth
// the most.
#pragma once

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdint>
#include <cstring>

#include "pipeline/little_endian.h"

namespace cistern {

inline constexpr int kDigitsAtOnce = 8;
inline constexpr uint64_t kEightDigits = 100'000'000;
inline constexpr uint64_t kEightZeros = 0x3030303030303030;  // eight times '0'

// The value of eight digits; each byte holds 0 to 9.
constexpr uint64_t value_of_digits(uint64_t digits) {
  digits = (digits * (1 + (10 << 8))) >> 8 & 0x00ff00ff00ff00ff;
  digits = (digits * (1 + (100 << 16))) >> 16 & 0x0000ffff0000ffff;
  return (digits * (1 + (uint64_t{10'000} << 32))) >> 32;
}

// And back: `value` is less than kEightDigits.
constexpr uint64_t digits_of_value(uint64_t value) {
  const uint64_t fours = value / 10'000 | value % 10'000 << 32;
  const uint64_t hundreds = (fours * 10'486 >> 20) & 0x0000007f0000007f;
  const uint64_t twos = hundreds | (fours - 100 * hundreds) << 16;
  const uint64_t tens = (twos * 103 >> 10) & 0x000f000f000f000f;
  return tens | (twos - 10 * tens) << 8;
}

// How many of the eight bytes from the first on are digits; `text` has been combined with kEightZeros by xor.
constexpr int leading_digits(uint64_t text) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  return std::countr_zero((text | (text + 0x7676767676767676)) & kHighBits) / 8;
}

// The number that begins at `at` into `value`, and where it ends: behind the first byte that is no digit, or
// behind 16 digits. Reads up to 16 bytes.
inline const char* read_decimal(const char* at, uint64_t& value) {
  constexpr uint64_t kPowers[] = {1, 10, 100, 1000, 10'000, 100'000, 1'000'000, 10'000'000, kEightDigits};
  value = 0;
  for (int step = 0; step < 2; ++step) {
    const uint64_t text = load_little<uint64_t>(at) ^ kEightZeros;
    const int digits = leading_digits(text);
    if (digits == 0) break;
    value = value * kPowers[digits] + value_of_digits(text << (8 * (kDigitsAtOnce - digits)));
    at += digits;
    if (digits < kDigitsAtOnce) break;
  }
  return at;
}

inline constexpr size_t kLongestDecimal = 20;  // with a sign

// Writes `number` to `to`, which has room for kLongestDecimal bytes; where it ends.
inline char* write_decimal(int64_t number, char* to) {
  if (number < 0 || static_cast<uint64_t>(number) >= kEightDigits * kEightDigits)
    return std::to_chars(to, to + kLongestDecimal, number).ptr;
  const uint64_t high = static_cast<uint64_t>(number) / kEightDigits;
  const uint64_t low = digits_of_value(static_cast<uint64_t>(number) % kEightDigits);
  const uint64_t first = high != 0 ? digits_of_value(high) : low;
  // Of zeros in front the last stays, should all be zeros.
  const int zeros = std::min(std::countr_zero(first) / 8, kDigitsAtOnce - 1);
  store_little(to, (first | kEightZeros) >> (8 * zeros));
  to += kDigitsAtOnce - zeros;
  if (high == 0) return to;
  store_little(to, low | kEightZeros);
  return to + kDigitsAtOnce;
}

}  // namespace cistern

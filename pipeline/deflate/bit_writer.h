// Bits into bytes, the first one lowest, as deflate packs them (RFC 1951, 3.1.1). What is written in a loop
// is written by a copy that lives in registers.
#pragma once

#include <cstddef>
#include <cstdint>

#include "pipeline/little_endian.h"

namespace cistern {

// Up to 56 bits and, below them, how many they are.
struct PackedBits {
  uint64_t packed = 0;

  static constexpr unsigned kCountBits = 8;
  static constexpr PackedBits of(uint64_t bits, unsigned count) { return {bits << kCountBits | count}; }
  uint64_t bits() const { return packed >> kCountBits; }
  uint64_t count() const { return packed & ((1 << kCountBits) - 1); }
};

class BitWriter {
 public:
  explicit BitWriter(char* to) : to_(to) {}

  // Between two flushes at most 56 bits; bits above `count` are zero.
  [[gnu::always_inline]] void add(uint64_t bits, uint64_t count) {
    waiting_ |= bits << count_;
    count_ += count;
  }
  [[gnu::always_inline]] void add(PackedBits bits) { add(bits.bits(), bits.count()); }
  // Writes eight bytes, of which whole ones stay.
  [[gnu::always_inline]] void flush() {
    store_little(to_, waiting_);
    to_ += count_ >> 3;
    waiting_ >>= count_ & 56;
    count_ &= 7;
  }
  // The last byte is filled up with zeros. Returns where the bytes end.
  char* finish() {
    flush();
    return count_ > 0 ? to_ + 1 : to_;
  }
  size_t made_since(const BitWriter& before) const { return static_cast<size_t>(to_ - before.to_); }

 private:
  char* to_;
  uint64_t waiting_ = 0;
  uint64_t count_ = 0;
};

}  // namespace cistern

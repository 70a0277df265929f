// Numbers and texts as the journal writes them: little-endian, texts behind a 32-bit length. The reader never
// passes its end: after the first shortage every answer is zero or empty and whole() is false.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "pipeline/buffer.h"

namespace cistern {

static_assert(std::endian::native == std::endian::little, "the journal's format is little-endian");

template <class Int>
void store_little(char* to, Int value) {
  std::memcpy(to, &value, sizeof value);
}
template <class Int>
Int load_little(const char* from) {
  Int value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

class ByteWriter {
 public:
  explicit ByteWriter(Buffer& out) : out_(out) {}
  template <class Int>
  void number(Int value) {
    char bytes[sizeof value];
    store_little(bytes, value);
    out_.append(std::string_view(bytes, sizeof value));
  }
  void u32(uint32_t value) { number(value); }
  void u64(uint64_t value) { number(value); }
  void i64(int64_t value) { number(value); }
  void bytes(std::string_view bytes) { out_.append(bytes); }
  template <size_t N>
  void bytes(const std::array<uint8_t, N>& bytes) {
    out_.append(std::string_view(reinterpret_cast<const char*>(bytes.data()), N));
  }
  void text(std::string_view text) {
    u32(static_cast<uint32_t>(text.size()));
    out_.append(text);
  }

 private:
  Buffer& out_;
};

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : left_(bytes) {}

  template <class Int>
  Int number() {
    const std::string_view got = bytes(sizeof(Int));
    return got.empty() ? Int{0} : load_little<Int>(got.data());
  }
  uint32_t u32() { return number<uint32_t>(); }
  uint64_t u64() { return number<uint64_t>(); }
  int64_t i64() { return number<int64_t>(); }
  std::string_view bytes(size_t size) {
    if (size > left_.size()) {
      short_ = true;
      left_ = {};
      return {};
    }
    const std::string_view got = left_.substr(0, size);
    left_.remove_prefix(size);
    return got;
  }
  template <size_t N>
  std::array<uint8_t, N> array() {
    std::array<uint8_t, N> value{};
    const std::string_view got = bytes(N);
    if (!got.empty()) std::memcpy(value.data(), got.data(), N);
    return value;
  }
  std::string_view text() { return bytes(u32()); }
  // How many things of at least `each` bytes follow; a count that cannot be true reads as a shortage.
  uint64_t count(uint64_t each) {
    const uint64_t n = u32();
    if (n <= left_.size() / each) return n;
    short_ = true;
    return 0;
  }
  // Everything was there and nothing is left.
  bool whole() const { return !short_ && left_.empty(); }

 private:
  std::string_view left_;
  bool short_ = false;
};

}  // namespace cistern

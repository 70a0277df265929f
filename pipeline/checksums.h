// The checksums by which object stores verify what they were sent, computed while an object's bytes pass by.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace cistern {

// Which of them are wanted; the others stay zero.
struct ChecksumsWanted {
  bool sha256 = true;  // as the object's digest; else XXH3: see digest.h
  bool crc32c = false;
  bool crc64nvme = false;
  bool md5 = false;
};

struct Checksums {
  uint32_t crc32c = 0;
  uint64_t crc64nvme = 0;
  std::array<uint8_t, 16> md5{};
  bool operator==(const Checksums&) const = default;
};

// CRC-64/NVME (reflected polynomial 0x9a6c9329ac4bc9b5; "123456789" gives 0xae8b14860a799888); `crc`
// continues an earlier call's value.
uint64_t crc64nvme(std::string_view bytes, uint64_t crc = 0);

// One thread at a time.
class ChecksumStream {
 public:
  explicit ChecksumStream(ChecksumsWanted wanted);
  ~ChecksumStream();
  ChecksumStream(ChecksumStream&&) = delete;
  void update(std::string_view bytes);
  Checksums finish();

 private:
  const ChecksumsWanted wanted_;
  Checksums sums_;
  void* md5_ = nullptr;
};

// Big-endian bytes, as they are written on the wire.
template <class Number>
std::array<uint8_t, sizeof(Number)> big_endian(Number value) {
  std::array<uint8_t, sizeof(Number)> bytes{};
  for (size_t i = bytes.size(); i-- > 0; value = static_cast<Number>(value >> 8)) {
    bytes[i] = static_cast<uint8_t>(value);
  }
  return bytes;
}

}  // namespace cistern

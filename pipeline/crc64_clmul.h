// Most of a long CRC-64/NVME by carry-less multiplication, where the processor can. The tables in
// checksums.cc take the rest, and are what tests compare with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace cistern {

constexpr uint64_t kCrc64Nvme = 0x9a6c9329ac4bc9b5;  // the polynomial, reflected

// Takes blocks of 64 bytes off the front of `bytes`, with the register's value `crc` before them, and leaves
// 16 bytes in `rest` that stand for them: over those, from the register's value 0, the checksum goes on.
// False, and nothing is done: there are too few bytes, or the processor cannot.
bool fold_crc64(std::string_view& bytes, uint64_t crc, uint8_t (&rest)[16]);

}  // namespace cistern

#include "pipeline/checksums.h"

#include <gtest/gtest.h>

#include "pipeline/digest.h"

namespace cistern {
namespace {

// The check values of the catalogue of parametrised CRC algorithms, and of RFC 3720 and RFC 1321.
TEST(Checksums, PublishedValues) {
  ChecksumStream stream({.crc32c = true, .crc64nvme = true, .md5 = true});
  stream.update("123456789");
  const Checksums sums = stream.finish();
  EXPECT_EQ(0xe3069283u, sums.crc32c);
  EXPECT_EQ(0xae8b14860a799888u, sums.crc64nvme);
  EXPECT_EQ("25f9e794323b453885f5181f1b624d0b", hex(sums.md5));
}

TEST(Checksums, NothingHasAChecksumToo) {
  const Checksums sums = ChecksumStream({.crc32c = true, .crc64nvme = true, .md5 = true}).finish();
  EXPECT_EQ(0u, sums.crc32c);
  EXPECT_EQ(0u, sums.crc64nvme);
  EXPECT_EQ("d41d8cd98f00b204e9800998ecf8427e", hex(sums.md5));
}

// One bit at a time, as the polynomial says it.
uint64_t slowly(std::string_view bytes) {
  uint64_t crc = ~0ull;
  for (const char c : bytes) {
    crc ^= static_cast<uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x9a6c9329ac4bc9b5ull : 0);
  }
  return ~crc;
}

TEST(Checksums, TheSameWhereverTheBytesAreCut) {
  std::string bytes;
  for (int i = 0; i < 600; ++i) bytes += static_cast<char>(i * i * 7 + i);
  for (size_t length = 0; length <= bytes.size(); ++length) {
    const std::string_view part = std::string_view(bytes).substr(0, length);
    EXPECT_EQ(slowly(part), crc64nvme(part)) << length;
  }
  ChecksumStream whole({.crc32c = true, .crc64nvme = true, .md5 = true});
  whole.update(bytes);
  const Checksums expected = whole.finish();
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    ChecksumStream stream({.crc32c = true, .crc64nvme = true, .md5 = true});
    stream.update(std::string_view(bytes).substr(0, cut));
    stream.update(std::string_view(bytes).substr(cut));
    EXPECT_TRUE(expected == stream.finish()) << cut;
  }
}

TEST(Checksums, WhatIsNotWantedIsNotComputed) {
  ChecksumStream stream({});
  stream.update("123456789");
  EXPECT_TRUE(Checksums() == stream.finish());
}

}  // namespace
}  // namespace cistern

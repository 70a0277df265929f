#include "pipeline/checksums.h"

#include <openssl/evp.h>

#include "pipeline/crc64_clmul.h"
#include "pipeline/digest.h"
#include "pipeline/little_endian.h"

namespace cistern {
namespace {

constexpr size_t kStepBytes = 16;  // bytes a step of crc64nvme

// at[k][b]: what byte b does to the checksum when k more bytes follow it in its step.
struct Crc64Tables {
  std::array<std::array<uint64_t, 256>, kStepBytes> at;

  constexpr Crc64Tables() : at{} {
    for (uint64_t byte = 0; byte < 256; ++byte) {
      uint64_t crc = byte;
      for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kCrc64Nvme : 0);
      at[0][byte] = crc;
    }
    for (size_t k = 1; k < kStepBytes; ++k) {
      for (size_t byte = 0; byte < 256; ++byte) {
        at[k][byte] = (at[k - 1][byte] >> 8) ^ at[0][at[k - 1][byte] & 255];
      }
    }
  }
};
constexpr Crc64Tables kCrc64;

// Takes all of the bytes; the register's value, before and after.
uint64_t by_tables(std::string_view bytes, uint64_t crc) {
  for (; bytes.size() >= kStepBytes; bytes.remove_prefix(kStepBytes)) {
    const uint64_t low = load_little<uint64_t>(bytes.data()) ^ crc;
    const uint64_t high = load_little<uint64_t>(bytes.data() + 8);
    crc = 0;
    for (unsigned i = 0; i < 8; ++i) {
      crc ^= kCrc64.at[15 - i][(low >> (8 * i)) & 255] ^ kCrc64.at[7 - i][(high >> (8 * i)) & 255];
    }
  }
  for (const char c : bytes) crc = (crc >> 8) ^ kCrc64.at[0][(crc ^ static_cast<uint8_t>(c)) & 255];
  return crc;
}

EVP_MD_CTX* context(void* md5) { return static_cast<EVP_MD_CTX*>(md5); }

}  // namespace

uint64_t crc64nvme(std::string_view bytes, uint64_t crc) {
  uint8_t folded[16];
  crc = ~crc;
  if (fold_crc64(bytes, crc, folded)) {
    crc = by_tables({reinterpret_cast<const char*>(folded), sizeof folded}, 0);
  }
  return ~by_tables(bytes, crc);
}

ChecksumStream::ChecksumStream(ChecksumsWanted wanted) : wanted_(wanted) {
  if (!wanted.md5) return;
  md5_ = EVP_MD_CTX_new();
  EVP_DigestInit_ex(context(md5_), EVP_md5(), nullptr);
}

ChecksumStream::~ChecksumStream() { EVP_MD_CTX_free(context(md5_)); }

void ChecksumStream::update(std::string_view bytes) {
  if (wanted_.crc32c) sums_.crc32c = crc32c(bytes, sums_.crc32c);
  if (wanted_.crc64nvme) sums_.crc64nvme = crc64nvme(bytes, sums_.crc64nvme);
  if (wanted_.md5) EVP_DigestUpdate(context(md5_), bytes.data(), bytes.size());
}

Checksums ChecksumStream::finish() {
  if (wanted_.md5) EVP_DigestFinal_ex(context(md5_), sums_.md5.data(), nullptr);
  return sums_;
}

}  // namespace cistern

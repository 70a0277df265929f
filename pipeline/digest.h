// Checksums and digests, and text forms of bytes.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/buffer.h"
#include "pipeline/result.h"

namespace cistern {

using Digest128 = std::array<uint8_t, 16>;
using Sha256 = std::array<uint8_t, 32>;

// CRC-32C (Castagnoli), as in RFC 3720; `crc` continues an earlier call's value.
uint32_t crc32c(std::string_view bytes, uint32_t crc = 0);

// 128 bits of XXH3 under a seed: tells contents apart, is no secret-keeper.
Digest128 digest128(std::string_view bytes, uint64_t seed);

// By what an object's content is told apart: SHA-256 where a store is sent it and checks it; where only we
// compare, 128 bits of XXH3 and as many zeros, in a twentieth of the time.
enum class DigestKind { sha256, xxh3 };
using Digest256 = std::array<uint8_t, 32>;

// One thread at a time.
class DigestStream {
 public:
  explicit DigestStream(DigestKind kind);
  ~DigestStream();
  DigestStream(DigestStream&&) = delete;
  void update(std::string_view bytes);
  Digest256 finish();

 private:
  const DigestKind kind_;
  void* state_;  // OpenSSL's or XXH3's
};
Sha256 sha256(std::string_view bytes);

std::string hex(std::string_view bytes);  // lower case
template <size_t N>
std::string hex(const std::array<uint8_t, N>& bytes) {
  return hex(std::string_view(reinterpret_cast<const char*>(bytes.data()), N));
}

std::string base64_encode(std::string_view bytes);
// Standard alphabet with padding, strictly (RFC 4648 section 4). Appends to `out`. May read Buffer::kPadding
// bytes past the end of `text`. Error `invalid`.
Result<> base64_decode(std::string_view text, Buffer& out);

}  // namespace cistern

#include "pipeline/digest.h"

#include <algorithm>

#include <isa-l/crc.h>
#include <openssl/evp.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "pipeline/avx_state.h"
#include "pipeline/base64_avx2.h"

namespace cistern {
namespace {

// For each of the four positions in a quantum: the character's bits where they belong; the top byte marks a
// bad one.
struct Base64Tables {
  static constexpr uint32_t kBad = 0xff000000;
  std::array<std::array<uint32_t, 256>, 4> at;

  constexpr Base64Tables() : at{} {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (auto& table : at) table.fill(kBad);
    for (uint32_t i = 0; i < 64; ++i) {
      for (uint32_t position = 0; position < 4; ++position) {
        at[position][static_cast<uint8_t>(alphabet[i])] = i << (18 - 6 * position);
      }
    }
  }
  uint32_t quantum(const uint8_t* in) const {
    return at[0][in[0]] | at[1][in[1]] | at[2][in[2]] | at[3][in[3]];
  }
};
constexpr Base64Tables kBase64;

Error bad_base64(std::string_view text) {
  return invalid("not base64 (RFC 4648 section 4, with padding): " + std::to_string(text.size()) +
                 " characters");
}

EVP_MD_CTX* sha256_state(void* state) { return static_cast<EVP_MD_CTX*>(state); }
XXH3_state_t* xxh3_state(void* state) { return static_cast<XXH3_state_t*>(state); }

// 16 bytes that are the same on every processor.
void copy_canonical(XXH128_hash_t hash, uint8_t* to) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, hash);
  std::copy(std::begin(canonical.digest), std::end(canonical.digest), to);
}

}  // namespace

uint32_t crc32c(std::string_view bytes, uint32_t crc) {
  constexpr size_t kMost = 1u << 30;  // the library counts in int
  crc = ~crc;
  while (!bytes.empty()) {
    const size_t now = std::min(bytes.size(), kMost);
    auto* at = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
    crc = crc32_iscsi(at, static_cast<int>(now), crc);
    bytes.remove_prefix(now);
  }
  clean_avx_state();
  return ~crc;
}

Digest128 digest128(std::string_view bytes, uint64_t seed) {
  Digest128 digest;
  copy_canonical(XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed), digest.data());
  return digest;
}

DigestStream::DigestStream(DigestKind kind) : kind_(kind) {
  if (kind_ == DigestKind::sha256) {
    state_ = EVP_MD_CTX_new();
    EVP_DigestInit_ex(sha256_state(state_), EVP_sha256(), nullptr);
  } else {
    state_ = XXH3_createState();
    XXH3_128bits_reset(xxh3_state(state_));
  }
}

DigestStream::~DigestStream() {
  if (kind_ == DigestKind::sha256)
    EVP_MD_CTX_free(sha256_state(state_));
  else
    XXH3_freeState(xxh3_state(state_));
}

void DigestStream::update(std::string_view bytes) {
  if (kind_ == DigestKind::sha256)
    EVP_DigestUpdate(sha256_state(state_), bytes.data(), bytes.size());
  else
    XXH3_128bits_update(xxh3_state(state_), bytes.data(), bytes.size());
}

Digest256 DigestStream::finish() {
  Digest256 digest{};
  if (kind_ == DigestKind::sha256)
    EVP_DigestFinal_ex(sha256_state(state_), digest.data(), nullptr);
  else
    copy_canonical(XXH3_128bits_digest(xxh3_state(state_)), digest.data());
  return digest;
}

Sha256 sha256(std::string_view bytes) {
  DigestStream stream(DigestKind::sha256);
  stream.update(bytes);
  return stream.finish();
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<uint8_t>(c);
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::string base64_encode(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const auto* in = reinterpret_cast<const unsigned char*>(bytes.data());
  auto* out = reinterpret_cast<unsigned char*>(text.data());
  text.resize(static_cast<size_t>(EVP_EncodeBlock(out, in, static_cast<int>(bytes.size()))));
  return text;
}

Result<> base64_decode(std::string_view text, Buffer& out) {
  if (text.empty()) return ok();
  if (text.size() % 4 != 0) return bad_base64(text);
  const size_t before = out.size();
  out.reserve(before + text.size() / 4 * 3);
  const auto* in = reinterpret_cast<const uint8_t*>(text.data());
  const uint8_t* last = in + text.size() - 4;
  uint8_t* to = reinterpret_cast<uint8_t*>(out.data()) + before;
  const size_t decoded = decode_most_base64(in, text.size(), to);
  in += decoded;
  to += decoded / 4 * 3;
  uint32_t bad = 0;
  for (; in != last; in += 4, to += 3) {
    const uint32_t bits = kBase64.quantum(in);
    bad |= bits;
    to[0] = static_cast<uint8_t>(bits >> 16);
    to[1] = static_cast<uint8_t>(bits >> 8);
    to[2] = static_cast<uint8_t>(bits);
  }
  // The last quantum may end in one or two '='; the bits they leave over must be zero.
  const size_t padding = last[3] != '=' ? 0 : last[2] != '=' ? 1 : 2;
  const uint8_t quantum[4] = {last[0], last[1], padding == 2 ? uint8_t{'A'} : last[2],
                              padding ? uint8_t{'A'} : last[3]};
  const uint32_t bits = kBase64.quantum(quantum);
  const uint32_t left_over = padding == 2 ? bits & 0xffff : padding == 1 ? bits & 0xff : 0;
  if (((bad | bits) & Base64Tables::kBad) != 0 || left_over != 0) return bad_base64(text);
  for (size_t i = 0; i < 3 - padding; ++i) *to++ = static_cast<uint8_t>(bits >> (16 - 8 * i));
  out.resize(static_cast<size_t>(to - out.bytes()));
  return ok();
}

}  // namespace cistern

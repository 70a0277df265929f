// As in V. Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction" (Intel,
// 2009), for a reflected polynomial: 16 bytes that lie D bits before the end are worth their first eight
// times x^(D+64) plus their last eight times x^D, modulo the polynomial. A product of reflected factors lies
// one bit low, so that the factors are of one power less.

#include "pipeline/crc64_clmul.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace cistern {

#if defined(__x86_64__)
namespace {

constexpr size_t kFoldBytes = 64;

// x^power modulo the polynomial, reflected: bit 63 is x^0.
constexpr uint64_t power_of_x(int power) {
  uint64_t value = 1ull << 63;
  for (; power > 0; --power) value = (value >> 1) ^ ((value & 1) != 0 ? kCrc64Nvme : 0);
  return value;
}

// Over 16 and over 64 bytes: for their first and their last eight.
constexpr uint64_t kBy16[2] = {power_of_x(128 + 63), power_of_x(128 - 1)};
constexpr uint64_t kBy64[2] = {power_of_x(512 + 63), power_of_x(512 - 1)};

#define CISTERN_CLMUL __attribute__((target("pclmul")))

CISTERN_CLMUL inline __m128i load(const void* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

CISTERN_CLMUL inline __m128i fold(__m128i value, __m128i factors, __m128i next) {
  const __m128i first = _mm_clmulepi64_si128(value, factors, 0x00);
  const __m128i last = _mm_clmulepi64_si128(value, factors, 0x11);
  return _mm_xor_si128(_mm_xor_si128(first, last), next);
}

CISTERN_CLMUL void fold_blocks(std::string_view& bytes, uint64_t crc, uint8_t (&rest)[16]) {
  const char* at = bytes.data();
  __m128i lanes[4] = {load(at), load(at + 16), load(at + 32), load(at + 48)};
  lanes[0] = _mm_xor_si128(lanes[0], _mm_cvtsi64_si128(static_cast<int64_t>(crc)));
  bytes.remove_prefix(kFoldBytes);
  const __m128i by_64 = load(kBy64);
  for (; bytes.size() >= kFoldBytes; bytes.remove_prefix(kFoldBytes)) {
    for (int i = 0; i < 4; ++i) lanes[i] = fold(lanes[i], by_64, load(bytes.data() + 16 * i));
  }
  const __m128i by_16 = load(kBy16);
  for (int i = 1; i < 4; ++i) lanes[i] = fold(lanes[i - 1], by_16, lanes[i]);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(rest), lanes[3]);
}

#undef CISTERN_CLMUL

}  // namespace

bool fold_crc64(std::string_view& bytes, uint64_t crc, uint8_t (&rest)[16]) {
  static const bool able = __builtin_cpu_supports("pclmul") != 0;
  if (!able || bytes.size() < kFoldBytes) return false;
  fold_blocks(bytes, crc, rest);
  return true;
}
#else
bool fold_crc64(std::string_view&, uint64_t, uint8_t (&)[16]) { return false; }
#endif

}  // namespace cistern

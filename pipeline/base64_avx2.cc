// Characters are told apart by their halves, as in W. Mula and D. Lemire, "Faster Base64 Encoding and
// Decoding using AVX2 Instructions" (2018): a character is of the alphabet when the sets of the two tables
// for its halves do not meet, and the upper half alone says how far its value is from its code, but for '/'.

#include "pipeline/base64_avx2.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace cistern {

#if defined(__x86_64__)
namespace {

constexpr size_t kCharacters = 32;
constexpr size_t kKeptBack = 12;  // a store of 32 bytes for 24 runs into the room of these

#define CISTERN_AVX2 __attribute__((target("avx2")))

// Both halves of a register hold the same table.
CISTERN_AVX2 inline __m256i table(const int8_t (&entries)[16]) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(entries)));
}

constexpr int8_t kLower[16] = {0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                               0x11, 0x11, 0x13, 0x1a, 0x1b, 0x1b, 0x1b, 0x1a};
constexpr int8_t kUpper[16] = {0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08,
                               0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10};
constexpr int8_t kToValue[16] = {0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0};
constexpr int8_t kBytes[16] = {2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1};

// 32 characters to 24 bytes and 8 of no meaning; false: not all are of the alphabet.
CISTERN_AVX2 inline bool decode_block(const uint8_t* in, uint8_t* out) {
  const __m256i text = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in));
  const __m256i slash =
      _mm256_set1_epi8('/');  // 0x2f: also the mask of a half, bit 5 being ignored by the lookup
  const __m256i upper = _mm256_and_si256(_mm256_srli_epi32(text, 4), slash);
  const __m256i lower = _mm256_and_si256(text, slash);
  const __m256i upper_set = _mm256_shuffle_epi8(table(kUpper), upper);
  const __m256i lower_set = _mm256_shuffle_epi8(table(kLower), lower);
  if (_mm256_testz_si256(lower_set, upper_set) == 0) return false;
  const __m256i row = _mm256_add_epi8(_mm256_cmpeq_epi8(text, slash), upper);
  const __m256i values = _mm256_add_epi8(text, _mm256_shuffle_epi8(table(kToValue), row));
  const __m256i pairs = _mm256_maddubs_epi16(values, _mm256_set1_epi32(0x01400140));
  const __m256i quanta = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00011000));
  const __m256i halves = _mm256_shuffle_epi8(quanta, table(kBytes));
  const __m256i bytes = _mm256_permutevar8x32_epi32(halves, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 7, 7));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), bytes);
  return true;
}

CISTERN_AVX2 size_t decode_blocks(const uint8_t* in, size_t size, uint8_t* out) {
  size_t at = 0;
  while (size - at >= kCharacters + kKeptBack && decode_block(in + at, out + at / 4 * 3)) at += kCharacters;
  return at;
}

#undef CISTERN_AVX2

}  // namespace

size_t decode_most_base64(const uint8_t* in, size_t size, uint8_t* out) {
  static const bool able = __builtin_cpu_supports("avx2") != 0;
  return able ? decode_blocks(in, size, out) : 0;
}
#else
size_t decode_most_base64(const uint8_t*, size_t, uint8_t*) { return 0; }
#endif

}  // namespace cistern

// The loop is compiled once for each kind of processor: not its masks alone gain by that, but all its shifts.
// Masks by AVX-512 were no faster than AVX2's: what is waited for is where the next match begins.

#include "pipeline/deflate/parse.h"

#include <algorithm>
#include <bit>
#include <cstddef>

#include "pipeline/little_endian.h"
#include "pipeline/neon_bits.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace cistern {
namespace {

#if defined(__x86_64__)

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2")
#endif
namespace with_avx2 {

[[gnu::always_inline]] inline __m256i load(const char* at) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}
[[gnu::always_inline]] inline uint64_t bits(__m256i bytes) {
  return static_cast<uint32_t>(_mm256_movemask_epi8(bytes));
}

[[gnu::always_inline]] inline uint64_t equal_bytes(const char* a, const char* b) {
  return bits(_mm256_cmpeq_epi8(load(a), load(b))) | bits(_mm256_cmpeq_epi8(load(a + 32), load(b + 32)))
                                                         << 32;
}

[[gnu::always_inline]] inline __m256i in_range(__m256i bytes, char first, char count) {
  const __m256i offset = _mm256_sub_epi8(bytes, _mm256_set1_epi8(first));
  return _mm256_cmpeq_epi8(_mm256_min_epu8(offset, _mm256_set1_epi8(static_cast<char>(count - 1))), offset);
}
[[gnu::always_inline]] inline uint64_t hex_digits(__m256i bytes) {
  return bits(_mm256_or_si256(in_range(bytes, '0', 10), in_range(bytes, 'a', 6)));
}
[[gnu::always_inline]] inline unsigned hex_run(const char* at) {
  return static_cast<unsigned>(std::countr_one(hex_digits(load(at)) | hex_digits(load(at + 32)) << 32));
}

#include "pipeline/deflate/parse_loop.h"

}  // namespace with_avx2
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#elif defined(__aarch64__)

namespace with_neon {

inline uint8x16_t load(const char* at) { return vld1q_u8(reinterpret_cast<const uint8_t*>(at)); }

inline uint64_t equal_bytes(const char* a, const char* b) {
  NeonBlock equal;
  for (int i = 0; i < 4; ++i) equal[i] = vceqq_u8(load(a + 16 * i), load(b + 16 * i));
  return bits_of(equal);
}

inline unsigned hex_run(const char* at) {
  NeonBlock hex;
  for (int i = 0; i < 4; ++i) {
    const uint8x16_t bytes = load(at + 16 * i);
    hex[i] = vorrq_u8(vcltq_u8(vsubq_u8(bytes, vdupq_n_u8('0')), vdupq_n_u8(10)),
                      vcltq_u8(vsubq_u8(bytes, vdupq_n_u8('a')), vdupq_n_u8(6)));
  }
  return static_cast<unsigned>(std::countr_one(bits_of(hex)));
}

#include "pipeline/deflate/parse_loop.h"

}  // namespace with_neon

#endif

// What the others are compared with, and for processors that have none of them.
namespace with_none {

inline uint64_t equal_bytes(const char* a, const char* b) {
  uint64_t equal = 0;
  for (int i = 0; i < 64; ++i) equal |= uint64_t{a[i] == b[i]} << i;
  return equal;
}

inline unsigned hex_run(const char* at) {
  unsigned run = 0;
  while (run < 64 && ((at[run] >= '0' && at[run] <= '9') || (at[run] >= 'a' && at[run] <= 'f'))) ++run;
  return run;
}

#include "pipeline/deflate/parse_loop.h"

}  // namespace with_none

struct ParseWays {
  ParseWays() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2"))
      all[count++] = {with_avx2::parse<SampleKeeper>, with_avx2::parse<SymbolWriter>};
#elif defined(__aarch64__)
    all[count++] = {with_neon::parse<SampleKeeper>, with_neon::parse<SymbolWriter>};
#endif
    all[count++] = {with_none::parse<SampleKeeper>, with_none::parse<SymbolWriter>};
  }
  std::array<ParseWay, 2> all{};
  size_t count = 0;
};

}  // namespace

std::span<const ParseWay> ways_to_parse() {
  static const ParseWays ways;
  return std::span(ways.all).first(ways.count);
}

}  // namespace cistern

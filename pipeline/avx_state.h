// ISA-L's AVX-512 paths return with the registers' upper halves dirty, which slows down SSE code that follows
// (zlib, SHA) by 25 to 70 %. Called after every call of ISA-L.
#pragma once

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace cistern {

#if defined(__x86_64__)
__attribute__((target("avx"))) inline void zero_upper_halves() { _mm256_zeroupper(); }
inline void clean_avx_state() {
  if (__builtin_cpu_supports("avx")) zero_upper_halves();
}
#else
inline void clean_avx_state() {}
#endif

}  // namespace cistern

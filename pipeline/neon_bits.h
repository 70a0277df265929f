// 64 bytes at a time on arm64, which has no instruction that makes bits of bytes.
#pragma once

#if defined(__aarch64__)

#include <cstdint>

#include <arm_neon.h>

namespace cistern {

using NeonBlock = uint8x16_t[4];

// A bit of each byte, all of which are 0 or 0xff: three times the sum of two neighbours.
inline uint64_t bits_of(const NeonBlock& bytes) {
  const uint8x16_t weights = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  const uint8x16_t first = vpaddq_u8(vandq_u8(bytes[0], weights), vandq_u8(bytes[1], weights));
  const uint8x16_t last = vpaddq_u8(vandq_u8(bytes[2], weights), vandq_u8(bytes[3], weights));
  const uint8x16_t sums = vpaddq_u8(first, last);
  return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sums, sums)), 0);
}

}  // namespace cistern

#endif

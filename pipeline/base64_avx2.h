// The middle of a long base64 text, 32 characters at a time, where the processor can. The plain decoder in
// digest.cc takes the rest, judges what is wrong, and is what tests compare with.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cistern {

// Decodes characters from `in` on; how many, always a multiple of 4. Stops before the last 12 characters,
// before a block with anything in it that is not of the alphabet, or at once: then 0. `out` needs `size / 4 *
// 3` bytes, all of which may be written.
size_t decode_most_base64(const uint8_t* in, size_t size, uint8_t* out);

}  // namespace cistern

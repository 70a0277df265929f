// Memory that direct I/O reads into and writes from: it begins at a block, and is a whole number of them.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>

namespace cistern {

inline constexpr size_t kBlockBytes = 4096;  // a multiple of every disk's own

struct FreeBytes {
  void operator()(char* bytes) const { std::free(bytes); }
};
using AlignedBytes = std::unique_ptr<char[], FreeBytes>;

// `size` is a multiple of kBlockBytes. Null: out of memory.
inline AlignedBytes aligned_bytes(size_t size) {
  return AlignedBytes(static_cast<char*>(std::aligned_alloc(kBlockBytes, size)));
}

}  // namespace cistern

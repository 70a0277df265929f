// See spare_memory.h. Owned by the process's edge.
#include "server/spare_memory.h"

#include <algorithm>

#include <malloc.h>

#include "server/process_metrics.h"

namespace cistern {

void bound_malloc() {
  constexpr int kLargeBytes = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, kLargeBytes);
  mallopt(M_TRIM_THRESHOLD, 16 * kLargeBytes);
  mallopt(M_ARENA_MAX, 1);
}

bool SpareMemory::give_back(uint64_t memory_limit) {
  const uint64_t resident = resident_bytes();
  lowest_ = std::min(lowest_, resident);
  if (resident < memory_limit - memory_limit / 8) return false;
  // Where most is in use there is little to give: not again before as much can have become free.
  if (resident < lowest_ + memory_limit / 32) return false;
  malloc_trim(0);
  lowest_ = resident_bytes();
  return true;
}

}  // namespace cistern

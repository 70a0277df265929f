#include "pipeline/journal/free_space.h"

namespace cistern {

bool FreeSpace::low(uint64_t needed) const {
  const uint64_t margin = short_ ? min_free_bytes_ / 4 : 0;
  short_ = lacks(needed + margin);
  return short_;
}

uint64_t FreeSpace::free_bytes() const {
  const int64_t now = clock_.steady_ms();
  int64_t due = next_look_ms_;
  if (now >= due && next_look_ms_.compare_exchange_strong(due, now + 1000)) {
    const auto looked = disk_.free_bytes(folder_);
    if (looked) free_bytes_ = looked.value();
  }
  return free_bytes_;
}

}  // namespace cistern

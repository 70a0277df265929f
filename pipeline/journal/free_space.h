// Whether a file system runs short, looked at once a second at most, when somebody asks. Once short, it must
// get a margin above the floor before it counts as roomy again, so that the answer does not flutter. Any
// thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "pipeline/clock.h"
#include "pipeline/disk.h"

namespace cistern {

class FreeSpace {
 public:
  FreeSpace(Disk& disk, const Clock& clock, std::string folder, uint64_t min_free_bytes)
      : disk_(disk), clock_(clock), folder_(std::move(folder)), min_free_bytes_(min_free_bytes) {}

  // After taking `needed`, less than min_free_bytes would be left; or that was so, and a quarter more than
  // that is not there yet.
  bool low(uint64_t needed = 0) const;
  // The same, for this moment only.
  bool lacks(uint64_t needed) const { return free_bytes() < min_free_bytes_ + needed; }
  // After something was taken or given back.
  void look_again() { next_look_ms_ = INT64_MIN; }

 private:
  uint64_t free_bytes() const;

  Disk& disk_;
  const Clock& clock_;
  const std::string folder_;
  const uint64_t min_free_bytes_;
  mutable std::atomic<uint64_t> free_bytes_{
      UINT64_MAX};  // where it cannot be told, space is taken to be there
  mutable std::atomic<int64_t> next_look_ms_{INT64_MIN};
  mutable std::atomic<bool> short_{false};
};

}  // namespace cistern

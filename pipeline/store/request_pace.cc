#include "pipeline/store/request_pace.h"

#include <algorithm>

namespace cistern {

RequestPace::RequestPace(uint64_t requests_at_once)
    : most_(4 * std::max<uint64_t>(requests_at_once, 2)), budget_(most_) {}

int64_t RequestPace::start(int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  if (now_ms < paused_until_ms_) return paused_until_ms_ - now_ms;
  if (budget_ > 0) {
    --budget_;
    return 0;
  }
  if (now_ms < next_probe_ms_) return next_probe_ms_ - now_ms;
  next_probe_ms_ = now_ms + kProbeMs;
  return 0;
}

void RequestPace::succeeded() {
  const std::lock_guard lock(mutex_);
  budget_ = std::min(budget_ + 2, most_);
}

void RequestPace::pause(int64_t now_ms, int64_t pause_ms) {
  const std::lock_guard lock(mutex_);
  paused_until_ms_ = std::max(paused_until_ms_, now_ms + std::clamp<int64_t>(pause_ms, 0, kLongestPauseMs));
}

}  // namespace cistern

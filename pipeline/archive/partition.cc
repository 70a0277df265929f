#include "pipeline/archive/partition.h"

#include <algorithm>

#include "pipeline/utc_time.h"

namespace cistern {

const char* flush_cause_name(FlushCause cause) {
  switch (cause) {
    case FlushCause::size:
      return "size";
    case FlushCause::age:
      return "age";
    case FlushCause::bound:
      return "bound";
    case FlushCause::pinned:
      return "pinned";
    case FlushCause::drain:
      return "drain";
  }
  return "unknown";
}

void Partition::add(WaitingFrame frame) {
  bytes_ += frame.frame.ref.length;
  events_ += frame.frame.info.events;
  last_ms_ = std::max(last_ms_, frame.frame.info.last_ms);
  frames_.push_back(std::move(frame));
}

std::vector<WaitingFrame> Partition::take(uint64_t flush_size) {
  std::vector<WaitingFrame> taken;
  uint64_t bytes = 0;
  while (!frames_.empty() && (taken.empty() || bytes + frames_.front().frame.ref.length <= flush_size)) {
    bytes += frames_.front().frame.ref.length;
    events_ -= frames_.front().frame.info.events;
    taken.push_back(std::move(frames_.front()));
    frames_.pop_front();
  }
  bytes_ -= bytes;
  return taken;
}

std::optional<FlushCause> Partition::due(const FlushThresholds& thresholds, int64_t now_ms) const {
  if (bytes_ >= thresholds.flush_size) return FlushCause::size;
  const bool past = last_ms_ / kHourMs < now_ms / kHourMs - 1;
  const int64_t most = past ? thresholds.late_flush_age_ms : thresholds.flush_age_ms;
  const int64_t age_ms = now_ms - oldest_ms();
  if (age_ms >= most || age_ms <= -most) return FlushCause::age;  // from the future: the clock was set back
  return std::nullopt;
}

}  // namespace cistern

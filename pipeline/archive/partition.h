// Frames of one partition that wait, and the decision when they have waited enough. Plain data and rules, no
// threads: owned by Partitions.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/journal/journal.h"

namespace cistern {

struct FlushThresholds {
  uint64_t flush_size = 64ull << 20;        // compressed bytes
  int64_t flush_age_ms = 5 * 60'000;        // of the oldest frame, since it arrived
  int64_t late_flush_age_ms = 15 * 60'000;  // the same, once the partition's hour is past
};

enum class FlushCause { size, age, bound, pinned, drain };
const char* flush_cause_name(FlushCause cause);

struct WaitingFrame {
  JournaledFrame frame;
  uint64_t delivery = 0;  // number of the delivery it came with: see Partitions
};

class Partition {
 public:
  void add(WaitingFrame frame);
  // The oldest frames, up to `flush_size` together and at least one.
  std::vector<WaitingFrame> take(uint64_t flush_size);

  bool empty() const { return frames_.empty(); }
  uint64_t bytes() const { return bytes_; }
  uint64_t events() const { return events_; }
  int64_t last_event_ms() const { return last_ms_; }  // of all that ever were here
  int64_t oldest_ms() const { return frames_.front().frame.arrived_ms; }
  // Why this partition should be flushed now, if it should: by size or by age.
  std::optional<FlushCause> due(const FlushThresholds& thresholds, int64_t now_ms) const;
  // Whether a frame lies in this journal segment or an older one.
  bool reaches_into(uint64_t segment) const { return frames_.front().frame.ref.segment <= segment; }

 private:
  std::deque<WaitingFrame> frames_;  // in the order of the journal
  uint64_t bytes_ = 0;
  uint64_t events_ = 0;
  int64_t last_ms_ = INT64_MIN;  // latest event time seen
};

}  // namespace cistern

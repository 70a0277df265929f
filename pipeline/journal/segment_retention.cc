#include "pipeline/journal/segment_retention.h"

#include <algorithm>

namespace cistern {

void SegmentRetention::add_seal(uint64_t sequence, uint64_t replaces, const std::vector<FrameRef>& frames) {
  if (replaces == sequence && seals_.contains(sequence)) {
    stored(sequence);  // those that it no longer names are done with; the others are counted again
    for (const FrameRef& frame : frames) add_frames(frame.segment, 1);
  }
  seals_.erase(replaces);
  Counts& counts = seals_[sequence];
  for (const FrameRef& frame : frames) {
    if (counts.empty() || counts.back().first != frame.segment) counts.emplace_back(frame.segment, 0);
    ++counts.back().second;
  }
}

void SegmentRetention::stored(uint64_t sequence) {
  const auto seal = seals_.find(sequence);
  if (seal == seals_.end()) return;
  for (const auto& [segment, count] : seal->second) {
    const auto live = unstored_.find(segment);
    if (live != unstored_.end()) live->second -= std::min(live->second, count);
  }
  seals_.erase(seal);
}

std::vector<uint64_t> SegmentRetention::droppable() const {
  std::vector<uint64_t> segments;
  for (const auto& [segment, unstored] : unstored_) {
    if (unstored > 0 || segment == unstored_.rbegin()->first) break;
    segments.push_back(segment);
  }
  return segments;
}

std::optional<uint64_t> SegmentRetention::oldest_unstored() const {
  for (const auto& [segment, unstored] : unstored_) {
    if (unstored > 0) return segment;
  }
  return std::nullopt;
}

}  // namespace cistern

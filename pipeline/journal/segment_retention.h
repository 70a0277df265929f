// Which segments are still needed. Segments are dropped from the front only, so that whatever a record refers
// to (frames, by a seal; a seal, by a stored record) is gone before the record itself: see journal_format.md.
// Counts only, no files. Owned by the journal; one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "pipeline/journal/journal.h"

namespace cistern {

class SegmentRetention {
 public:
  void add_segment(uint64_t segment) { unstored_.emplace(segment, 0); }
  void add_frames(uint64_t segment, uint64_t count) { unstored_[segment] += count; }
  // `frames`: those of the seal that are unstored now. With `replaces` the same as `sequence`, frames that
  // the replaced seal had beside them are stored from now on.
  void add_seal(uint64_t sequence, uint64_t replaces, const std::vector<FrameRef>& frames);
  // Unknown sequences are ignored: a repeated stored() does no harm.
  void stored(uint64_t sequence);

  // From the oldest on, without unstored frames; never the newest, which is being written.
  std::vector<uint64_t> droppable() const;
  void drop(uint64_t segment) { unstored_.erase(segment); }
  std::optional<uint64_t> oldest_unstored() const;

 private:
  using Counts = std::vector<std::pair<uint64_t, uint64_t>>;  // segment, frames

  std::map<uint64_t, uint64_t> unstored_;  // live segments, oldest first: frames that are not stored
  std::map<uint64_t, Counts> seals_;       // unstored, by sequence
};

}  // namespace cistern

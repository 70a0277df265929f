// Plays records in the order they were written and knows, at the end, which frames are open and which are
// sealed. No files; used by recovery. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "pipeline/journal/journal.h"
#include "pipeline/journal/seen_deliveries.h"
#include "pipeline/journal/segment_scan.h"

namespace cistern {

class JournalReplay {
 public:
  explicit JournalReplay(SeenDeliveries& seen) : seen_(seen) {}

  void play(uint64_t segment, ScannedRecord record);
  // Identities of deliveries, and of their records, of which damage took frames.
  std::vector<Digest128> take_lost() { return std::move(lost_); }
  uint64_t last_sequence() const { return last_sequence_; }
  // Ends the replay.
  Recovered finish();

 private:
  // Where a frame is in its life: kOpen, kStored, or the sequence of the seal that has it.
  static constexpr uint64_t kOpen = 0;
  static constexpr uint64_t kStored = UINT64_MAX;

  void play_delivery(uint64_t segment, ScannedRecord& record);
  void play_seal(Seal seal);
  void play_stored(uint64_t sequence);
  void mark(const Seal& seal, uint64_t from, uint64_t to);
  uint64_t* state_of(const FrameRef& ref);

  SeenDeliveries& seen_;
  std::vector<JournaledFrame> frames_;  // as they lie: rising by segment and offset
  std::vector<uint64_t> states_;        // beside frames_
  std::map<uint64_t, Seal> seals_;      // unstored
  std::vector<Digest128> lost_;
  uint64_t last_sequence_ = 0;
};

}  // namespace cistern

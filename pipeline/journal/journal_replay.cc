#include "pipeline/journal/journal_replay.h"

#include <algorithm>

namespace cistern {

void JournalReplay::play(uint64_t segment, ScannedRecord record) {
  switch (record.type) {
    case RecordType::delivery:
      return play_delivery(segment, record);
    case RecordType::seal:
      return play_seal(std::move(record.seal));
    case RecordType::stored:
      return play_stored(record.stored);
    case RecordType::seen:
      for (const SeenIdentity& identity : record.seen) seen_.add(identity, segment);
      return;
    case RecordType::end:
      return;
  }
}

void JournalReplay::play_delivery(uint64_t segment, ScannedRecord& record) {
  const DeliveryMeta& delivery = record.delivery;
  for (ScannedFrame& frame : record.frames) {
    frames_.push_back(
        {std::move(frame.info), {segment, frame.offset, frame.length}, delivery.arrived_ms, {}});
    states_.push_back(kOpen);
  }
  const Digest128 identity = delivery_identity(delivery.request_id, delivery.content);
  seen_.add_delivery(identity, delivery.records, delivery.arrived_ms, segment);
  if (!record.damaged) return;
  lost_.push_back(identity);
  lost_.insert(lost_.end(), delivery.records.begin(), delivery.records.end());
}

void JournalReplay::play_seal(Seal seal) {
  last_sequence_ = std::max(last_sequence_, seal.sequence);
  const auto replaced = seals_.find(seal.replaces);
  if (replaced != seals_.end()) {
    mark(replaced->second, seal.replaces, kOpen);
    mark(seal, kOpen, seal.sequence);
    if (seal.replaces == seal.sequence) mark(replaced->second, kOpen, kStored);
    seals_.erase(replaced);
  }
  mark(seal, kOpen, seal.sequence);
  seals_.emplace(seal.sequence, std::move(seal));
}

void JournalReplay::play_stored(uint64_t sequence) {
  const auto seal = seals_.find(sequence);
  if (seal == seals_.end()) return;
  mark(seal->second, sequence, kStored);
  seals_.erase(seal);
}

void JournalReplay::mark(const Seal& seal, uint64_t from, uint64_t to) {
  for (const FrameRef& ref : seal.frames) {
    uint64_t* state = state_of(ref);
    if (state != nullptr && *state == from) *state = to;
  }
}

uint64_t* JournalReplay::state_of(const FrameRef& ref) {
  const auto found = std::lower_bound(frames_.begin(), frames_.end(), ref,
                                      [](const JournaledFrame& f, const FrameRef& r) { return f.ref < r; });
  if (found == frames_.end() || found->ref != ref) return nullptr;
  return &states_[static_cast<size_t>(found - frames_.begin())];
}

Recovered JournalReplay::finish() {
  Recovered recovered;
  for (auto& [sequence, seal] : seals_) {
    RecoveredSeal& sealed = recovered.sealed.emplace_back();
    for (const FrameRef& ref : seal.frames) {
      const uint64_t* state = state_of(ref);
      if (state == nullptr || *state != sequence) continue;
      sealed.frames.push_back(frames_[static_cast<size_t>(state - states_.data())]);
    }
    sealed.seal = std::move(seal);
  }
  for (size_t i = 0; i < frames_.size(); ++i) {
    if (states_[i] == kOpen) recovered.open.push_back(std::move(frames_[i]));
  }
  return recovered;
}

}  // namespace cistern

#include "pipeline/partitions.h"

#include "pipeline/log.h"

namespace cistern {

Partitions::Partitions(Options options, Journal& journal, Uploader& uploader, const Clock& clock,
                       Metrics& metrics)
    : options_(options), journal_(journal), uploader_(uploader), clock_(clock), metrics_(metrics) {}

void Partitions::add(std::vector<JournaledFrame> frames, std::shared_ptr<StoredWatch> watch) {
  bool full = table_.size() > options_.open_partitions;
  for (JournaledFrame& frame : frames) {
    hold_or_drop(frame);
    pending_ += frame.ref.length;
    arrivals_.insert(frame.arrived_ms);
    Partition& partition = table_[frame.info.partition];
    frame.info.partition = {};  // the table knows it: one copy a partition, not one a frame
    partition.add({std::move(frame), watch});
    full = full || partition.bytes() >= options_.thresholds.flush_size;
  }
  if (full || draining_)
    pump();  // age is tick()'s: looking at every partition for every delivery would cost too much
}

void Partitions::recover(Recovered recovered, std::shared_ptr<StoredWatch> watch) {
  for (RecoveredSeal& sealed : recovered.sealed) {
    std::vector<WaitingFrame> frames;
    for (const JournaledFrame& frame : sealed.frames) {
      pending_ += frame.ref.length;
      arrivals_.insert(frame.arrived_ms);
      frames.push_back({frame, watch});
    }
    uploader_.resume(std::move(sealed), [this, frames = std::move(frames)] { stored(frames); });
  }
  add(std::move(recovered.open), std::move(watch));
}

void Partitions::tick() {
  pump();
  update_gauges();
}

void Partitions::drain(std::function<void()> drained) {
  draining_ = true;
  drained_ = std::move(drained);
  pump();
}

void Partitions::pump() {
  while (uploader_.has_room()) {
    const std::optional<Due> due = next_due();
    if (!due) break;
    flush(*due);
  }
  crowded_.store(table_.size() > 2 * options_.open_partitions, std::memory_order_relaxed);
  if (draining_ && drained_ && table_.empty() && uploader_.idle()) std::exchange(drained_, nullptr)();
}

// The due partition whose oldest frame has waited longest; where none is due but too many are open, the
// oldest.
std::optional<Partitions::Due> Partitions::next_due() {
  const int64_t now_ms = clock_.wall_ms();
  const std::optional<uint64_t> pinned = journal_.pinned_segment();
  const bool over_bound = table_.size() > options_.open_partitions;
  std::optional<Due> oldest;
  for (auto at = table_.begin(); at != table_.end(); ++at) {
    if (oldest && oldest->partition->second.oldest_ms() <= at->second.oldest_ms()) continue;
    auto cause = cause_now(at->second, pinned, now_ms);
    if (!cause && over_bound) cause = FlushCause::bound;
    if (cause) oldest = Due{at, *cause};
  }
  return oldest;
}

std::optional<FlushCause> Partitions::cause_now(const Partition& partition, std::optional<uint64_t> pinned,
                                                int64_t now_ms) const {
  if (draining_) return FlushCause::drain;
  if (pinned && partition.reaches_into(*pinned)) return FlushCause::pinned;
  return partition.due(options_.thresholds, now_ms);
}

void Partitions::flush(Due due) {
  metrics_.flushes.of(flush_cause_name(due.cause)).Increment();
  const std::string name = due.partition->first;
  Partition& partition = due.partition->second;
  auto frames =
      std::make_shared<const std::vector<WaitingFrame>>(partition.take(options_.thresholds.flush_size));
  if (partition.empty()) table_.erase(due.partition);
  std::vector<JournaledFrame> journaled;
  journaled.reserve(frames->size());
  for (const WaitingFrame& waiting : *frames) journaled.push_back(waiting.frame);
  uploader_.upload(name, std::move(journaled), [this, frames] { stored(*frames); });
}

void Partitions::stored(const std::vector<WaitingFrame>& frames) {
  for (const WaitingFrame& waiting : frames) {
    pending_ -= waiting.frame.ref.length;
    if (waiting.frame.bytes) memory_ -= waiting.frame.bytes->size();
    arrivals_.erase(arrivals_.find(waiting.frame.arrived_ms));
    if (waiting.watch && --waiting.watch->frames_left == 0) waiting.watch->all_stored();
  }
  pump();
}

// Beyond the budget the newest are not held: whatever is flushed next was there before.
void Partitions::hold_or_drop(JournaledFrame& frame) {
  if (!frame.bytes) return;
  if (memory_ + frame.bytes->size() > options_.memory_bytes) {
    frame.bytes = nullptr;
    return;
  }
  memory_ += frame.bytes->size();
}

void Partitions::update_gauges() {
  metrics_.open_partitions.Set(static_cast<double>(table_.size()));
  metrics_.pending_bytes.Set(static_cast<double>(pending_));
  metrics_.memory_bytes.Set(static_cast<double>(memory_));
  metrics_.oldest_unstored_timestamp.Set(arrivals_.empty() ? 0
                                                           : static_cast<double>(*arrivals_.begin()) / 1000);
}

}  // namespace cistern

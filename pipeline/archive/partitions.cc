#include "pipeline/archive/partitions.h"

#include <algorithm>

#include "pipeline/log.h"

namespace cistern {
namespace {

// What a waiting frame takes beside its bytes, its share of the containers included (measured: about 150).
constexpr uint64_t kFrameDescription = 192;

}  // namespace

Partitions::Partitions(Options options, Journal& journal, Uploader& uploader, const Clock& clock,
                       Metrics& metrics)
    : options_(options), journal_(journal), uploader_(uploader), clock_(clock), metrics_(metrics) {}

void Partitions::add(std::vector<JournaledFrame> frames, OnStored stored) {
  if (frames.empty()) {
    if (stored) stored(true);
    return;
  }
  const uint64_t delivery = next_delivery_++;
  unstored_[delivery] = {frames.front().arrived_ms, frames.size(), std::move(stored), true};
  bool full = table_.size() > options_.open_partitions;
  for (JournaledFrame& frame : frames) {
    count_in(frame);
    Partition& partition = table_[frame.info.partition];
    frame.info.partition = {};  // the table knows it: one copy a partition, not one a frame
    partition.add({std::move(frame), delivery});
    full = full || partition.bytes() >= options_.thresholds.flush_size;
  }
  // Age is tick()'s: looking at every partition for every delivery would cost too much.
  if (full || draining_) pump();
  update_gauges();  // before the 200 is on its way: whoever has it and scrapes finds the delivery unstored
}

void Partitions::when_all_stored(OnAllStored stored) {
  if (unstored_.empty()) return stored();
  barriers_.emplace_back(next_delivery_, std::move(stored));
}

void Partitions::recover(Recovered recovered) {
  for (RecoveredSeal& sealed : recovered.sealed) {
    const uint64_t delivery = next_delivery_++;
    if (!sealed.frames.empty()) {
      unstored_[delivery] = {sealed.frames.front().arrived_ms, sealed.frames.size(), nullptr, true};
    }
    std::vector<WaitingFrame> frames;
    for (JournaledFrame& frame : sealed.frames) {
      count_in(frame);
      frames.push_back({frame, delivery});
    }
    uploader_.resume(std::move(sealed),
                     [this, frames = std::move(frames)](const auto& lost) { stored(frames, lost); });
  }
  add(std::move(recovered.open), nullptr);
}

void Partitions::use(const Options& options) {
  options_ = options;
  tick();
}

void Partitions::tick() {
  pump();
  update_gauges();
}

void Partitions::flush_all() {
  draining_ = true;
  pump();
}

void Partitions::drain(std::function<void()> drained) {
  drained_ = std::move(drained);
  flush_all();
}

OpenPartitions Partitions::open(int64_t first_hour, int64_t last_hour, size_t most_listed) const {
  OpenPartitions found(first_hour, last_hour, most_listed);
  for (const auto& [key, partition] : table_) found.add(key, partition);
  return found;
}

void Partitions::pump() {
  while (uploader_.has_room()) {
    const std::optional<Due> due = next_due();
    if (!due) break;
    flush(*due);
  }
  const bool crowded =
      table_.size() > 2 * options_.open_partitions || frames_ * kFrameDescription > options_.memory_bytes;
  crowded_.store(crowded, std::memory_order_relaxed);
  if (drained_ && table_.empty() && uploader_.idle()) std::exchange(drained_, nullptr)();
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
  uploader_.upload(name, std::move(journaled), [this, frames](const auto& lost) { stored(*frames, lost); });
}

// Beyond the budget the newest are not held: whatever is flushed next was there before.
void Partitions::count_in(JournaledFrame& frame) {
  ++frames_;
  pending_ += frame.ref.length;
  if (!frame.bytes) return;
  if (held_ + frames_ * kFrameDescription + frame.bytes->size() > options_.memory_bytes) {
    frame.bytes = nullptr;
  } else {
    held_ += frame.bytes->size();
  }
}

void Partitions::stored(const std::vector<WaitingFrame>& frames, const std::vector<FrameRef>& lost) {
  for (const WaitingFrame& waiting : frames) {
    frame_done(waiting, std::find(lost.begin(), lost.end(), waiting.frame.ref) != lost.end());
  }
  tell_barriers();
  pump();
  update_gauges();
}

void Partitions::frame_done(const WaitingFrame& waiting, bool lost) {
  --frames_;
  pending_ -= waiting.frame.ref.length;
  if (waiting.frame.bytes) held_ -= waiting.frame.bytes->size();
  const auto delivery = unstored_.find(waiting.delivery);
  delivery->second.whole = delivery->second.whole && !lost;
  if (--delivery->second.frames_left > 0) return;
  const Unstored done = std::move(delivery->second);
  unstored_.erase(delivery);
  if (done.stored) done.stored(done.whole);
}

void Partitions::tell_barriers() {
  while (!barriers_.empty() && (unstored_.empty() || unstored_.begin()->first >= barriers_.front().first)) {
    const OnAllStored told = std::move(barriers_.front().second);
    barriers_.pop_front();
    told();
  }
}

void Partitions::update_gauges() {
  metrics_.open_partitions.Set(static_cast<double>(table_.size()));
  metrics_.pending_bytes.Set(static_cast<double>(pending_));
  metrics_.memory_bytes.Set(static_cast<double>(held_));
  // Deliveries are in the order they came but for the clock's jumps.
  metrics_.oldest_unstored_timestamp.Set(
      unstored_.empty() ? 0 : static_cast<double>(unstored_.begin()->second.arrived_ms) / 1000);
}

}  // namespace cistern

// All open partitions: takes what the journal has committed, decides what is flushed next, feeds the uploader
// while it has room. What is due but finds no room waits here, as references into the journal; memory is only
// a cache. Everything runs on the disk executor unless it says otherwise.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/archive/open_partitions.h"
#include "pipeline/archive/partition.h"
#include "pipeline/archive/uploader.h"
#include "pipeline/clock.h"
#include "pipeline/journal/journal.h"
#include "pipeline/metrics.h"

namespace cistern {

class Partitions {
 public:
  struct Options {
    FlushThresholds thresholds;
    uint64_t open_partitions = 10'000;  // beyond it, the oldest are flushed
    uint64_t memory_bytes =
        192ull << 20;  // of waiting frames: what does not fit is read back from the journal
  };
  // `whole`: false when frames went bad on disk before the store had them.
  using OnStored = std::function<void(bool whole)>;
  using OnAllStored = std::function<void()>;

  Partitions(Options options, Journal& journal, Uploader& uploader, const Clock& clock, Metrics& metrics);

  // The frames of one delivery. `stored`, which may be null, is called once all of them are in the store, or
  // lost.
  void add(std::vector<JournaledFrame> frames, OnStored stored);
  // Calls `stored` once everything that is not in the store now is there; at once, when that is nothing.
  void when_all_stored(OnAllStored stored);
  // Puts back what a restart found. Before serving.
  void recover(Recovered recovered);
  // Other thresholds from here on, also for what waits already.
  void use(const Options& options);
  // Looks for what has become old enough; call it every few hundred milliseconds.
  void tick();
  // From here on everything is due, what still comes included.
  void flush_all();
  // The same; `drained` is called once nothing is left.
  void drain(std::function<void()> drained);

  // What waits now, counted anew: looks at every partition, so not more often than once a second.
  OpenPartitions open(int64_t first_hour, int64_t last_hour, size_t most_listed) const;

  // Whether so much waits that no delivery should be taken: partitions, or frames whose mere description
  // fills the memory. Any thread.
  bool crowded() const { return crowded_.load(std::memory_order_relaxed); }

 private:
  using Table = std::map<std::string, Partition>;
  struct Due {
    Table::iterator partition;
    FlushCause cause;
  };
  struct Unstored {
    int64_t arrived_ms = 0;
    size_t frames_left = 0;
    OnStored stored;  // may be null
    bool whole = true;
  };

  void pump();
  std::optional<Due> next_due();
  std::optional<FlushCause> cause_now(const Partition& partition, std::optional<uint64_t> pinned,
                                      int64_t now_ms) const;
  void flush(Due due);
  void count_in(JournaledFrame& frame);
  void stored(const std::vector<WaitingFrame>& frames, const std::vector<FrameRef>& lost);
  void frame_done(const WaitingFrame& waiting, bool lost);
  void tell_barriers();
  void update_gauges();

  Options options_;
  Journal& journal_;
  Uploader& uploader_;
  const Clock& clock_;
  Metrics& metrics_;
  Table table_;
  std::map<uint64_t, Unstored> unstored_;  // by the number of the delivery, in the order they came
  std::deque<std::pair<uint64_t, OnAllStored>>
      barriers_;  // told when all deliveries below the number are stored
  uint64_t next_delivery_ = 1;
  uint64_t frames_ = 0;   // waiting or being uploaded
  uint64_t pending_ = 0;  // their bytes
  uint64_t held_ = 0;     // of these, the bytes held in memory
  bool draining_ = false;
  std::function<void()> drained_;
  std::atomic<bool> crowded_{false};
};

}  // namespace cistern

// All open partitions: takes what the journal has committed, decides what is flushed next, feeds the uploader
// while it has room. What is due but finds no room waits here, as references into the journal; memory is only
// a cache. Everything runs on the disk executor unless it says otherwise.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pipeline/clock.h"
#include "pipeline/journal.h"
#include "pipeline/metrics.h"
#include "pipeline/partition.h"
#include "pipeline/uploader.h"

namespace cistern {

class Partitions {
 public:
  struct Options {
    FlushThresholds thresholds;
    uint64_t open_partitions = 10'000;  // beyond it, the oldest are flushed
    uint64_t memory_bytes =
        192ull << 20;  // of frames held in memory; the others are read back from the journal
  };

  Partitions(Options options, Journal& journal, Uploader& uploader, const Clock& clock, Metrics& metrics);

  void add(std::vector<JournaledFrame> frames, std::shared_ptr<StoredWatch> watch);
  // Puts back what a restart found. Before serving. `watch` counts its frames; may be null.
  void recover(Recovered recovered, std::shared_ptr<StoredWatch> watch);
  // Looks for what has become old enough; call it every few hundred milliseconds.
  void tick();
  // Flushes everything, now and as it comes; `drained`, which may be null, is called once nothing is
  // left. May be called again.
  void drain(std::function<void()> drained);

  // Whether there are so many open partitions that no delivery should be taken. Any thread.
  bool crowded() const { return crowded_.load(std::memory_order_relaxed); }

 private:
  using Table = std::map<std::string, Partition>;
  struct Due {
    Table::iterator partition;
    FlushCause cause;
  };

  void pump();
  std::optional<Due> next_due();
  std::optional<FlushCause> cause_now(const Partition& partition, std::optional<uint64_t> pinned,
                                      int64_t now_ms) const;
  void flush(Due due);
  void stored(const std::vector<WaitingFrame>& frames);
  void hold_or_drop(JournaledFrame& frame);
  void update_gauges();

  const Options options_;
  Journal& journal_;
  Uploader& uploader_;
  const Clock& clock_;
  Metrics& metrics_;
  Table table_;
  uint64_t memory_ = 0;   // of frames waiting or being uploaded
  uint64_t pending_ = 0;  // the same, those on disk only included
  std::function<void()> drained_;
  bool draining_ = false;
  std::multiset<int64_t> arrivals_;  // of unstored frames' deliveries
  std::atomic<bool> crowded_{false};
};

}  // namespace cistern

// What was done in the last minute: the metrics' counters, looked at once a second, and what they grew by
// since. No delivery is slowed: counters are only read. One thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/metrics.h"

namespace cistern {

class Activity {
 public:
  static constexpr int64_t kPeriodMs = 1'000;
  static constexpr int64_t kWindowMs = 60'000;

  struct Percentiles {
    double p50 = 0, p90 = 0, p99 = 0;  // seconds, between two bounds of the histogram's
  };

  explicit Activity(const Metrics& metrics) : metrics_(metrics) {}

  // Looks at the counters; call it every kPeriodMs.
  void look(int64_t steady_ms, int64_t wall_ms);

  double window_seconds() const;  // how long ago the oldest look was, at most kWindowMs
  double deliveries_per_second(const std::string& status) const;
  double deliveries_per_second() const;  // all
  double events_per_second() const { return rate(kEvents); }
  double received_bytes_per_second() const { return rate(kReceived); }
  double log_bytes_per_second() const { return rate(kLog); }
  double stored_bytes_per_second() const { return rate(kStored); }
  double stored_events_per_second() const { return rate(kStoredEvents); }
  // Of the deliveries acknowledged in the window, and how many those are. Nothing: none was.
  std::optional<Percentiles> acknowledgement() const;
  uint64_t acknowledged() const;
  // When a delivery with this access key was accepted last: wall clock, to kPeriodMs; 0: not since the start.
  int64_t last_use_ms(const std::string& key) const;

 private:
  enum Total { kEvents, kReceived, kLog, kStored, kStoredEvents, kTotals };
  struct Look {
    int64_t steady_ms = 0;
    std::map<std::string, double> deliveries;  // by status
    std::array<double, kTotals> totals{};
    std::vector<uint64_t> acknowledged;  // cumulative, by the histogram's buckets
  };
  struct KeyUse {
    double deliveries = 0;
    int64_t last_ms = 0;
  };
  double rate(Total total) const;
  double quantile(double share) const;

  const Metrics& metrics_;
  std::deque<Look> looks_;      // the oldest first
  std::vector<double> bounds_;  // of the histogram's buckets, the last is infinite
  std::map<std::string, KeyUse> keys_;
};

}  // namespace cistern

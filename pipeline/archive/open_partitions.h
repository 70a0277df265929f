// What waits in open partitions, counted for people who look: by hour of the events, and the largest.
// Bounded, however many partitions are open. Plain data, no threads.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "pipeline/archive/partition.h"

namespace cistern {

struct Waiting {
  uint64_t partitions = 0;
  uint64_t bytes = 0;  // compressed
  uint64_t events = 0;
  int64_t oldest_ms = 0;  // when the oldest frame arrived, wall clock; 0: none
};

struct OpenPartition {
  std::string key;
  int64_t hour = 0;  // of its latest event: hours since 1970
  Waiting waiting;
};

class OpenPartitions {
 public:
  // Hours from `first_hour` to `last_hour` are told apart; the others are counted together.
  OpenPartitions(int64_t first_hour, int64_t last_hour, size_t most_listed)
      : first_hour_(first_hour), last_hour_(last_hour), most_listed_(most_listed) {}

  void add(const std::string& key, const Partition& partition);

  const Waiting& all() const { return all_; }
  const std::map<int64_t, Waiting>& hours() const { return hours_; }  // those with something in them
  const Waiting& other_hours() const { return other_hours_; }
  std::vector<OpenPartition> largest() const;  // the largest first

 private:
  int64_t first_hour_;
  int64_t last_hour_;
  size_t most_listed_;
  Waiting all_;
  Waiting other_hours_;
  std::map<int64_t, Waiting> hours_;
  std::vector<OpenPartition> heap_;  // of the largest so far, the smallest of them on top
};

}  // namespace cistern

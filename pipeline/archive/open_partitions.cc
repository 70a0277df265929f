#include "pipeline/archive/open_partitions.h"

#include <algorithm>

#include "pipeline/utc_time.h"

namespace cistern {
namespace {

int64_t hour_of(int64_t time_ms) {
  const int64_t hour = time_ms / kHourMs;
  return time_ms % kHourMs < 0 ? hour - 1 : hour;
}

void count(const Waiting& more, Waiting& sum) {
  sum.oldest_ms = sum.partitions == 0 ? more.oldest_ms : std::min(sum.oldest_ms, more.oldest_ms);
  sum.partitions += more.partitions;
  sum.bytes += more.bytes;
  sum.events += more.events;
}

bool larger(const OpenPartition& a, const OpenPartition& b) {
  return a.waiting.bytes != b.waiting.bytes ? a.waiting.bytes > b.waiting.bytes : a.key < b.key;
}

}  // namespace

void OpenPartitions::add(const std::string& key, const Partition& partition) {
  const Waiting waiting{1, partition.bytes(), partition.events(), partition.oldest_ms()};
  const int64_t hour = hour_of(partition.last_event_ms());
  count(waiting, all_);
  count(waiting, hour < first_hour_ || hour > last_hour_ ? other_hours_ : hours_[hour]);
  if (heap_.size() == most_listed_ && (heap_.empty() || heap_.front().waiting.bytes >= waiting.bytes)) return;
  heap_.push_back({key, hour, waiting});
  std::push_heap(heap_.begin(), heap_.end(), larger);
  if (heap_.size() <= most_listed_) return;
  std::pop_heap(heap_.begin(), heap_.end(), larger);
  heap_.pop_back();
}

std::vector<OpenPartition> OpenPartitions::largest() const {
  std::vector<OpenPartition> sorted = heap_;
  std::sort(sorted.begin(), sorted.end(), larger);
  return sorted;
}

}  // namespace cistern

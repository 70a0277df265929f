// What a journal holds for one partition and the store does not have.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "pipeline/journal/journal.h"

namespace cistern {

struct PartitionSummary {
  uint64_t frames = 0;
  uint64_t events = 0;
  uint64_t bytes = 0;     // compressed
  int64_t oldest_ms = 0;  // arrival
  uint64_t sealed = 0;    // of its frames, those that are part of a sealed object

  void add(const JournaledFrame& frame) {
    oldest_ms = frames == 0 || frame.arrived_ms < oldest_ms ? frame.arrived_ms : oldest_ms;
    ++frames;
    events += frame.info.events;
    bytes += frame.ref.length;
  }
};

inline std::map<std::string, PartitionSummary> unstored_by_partition(const Recovered& unstored) {
  std::map<std::string, PartitionSummary> partitions;
  for (const JournaledFrame& frame : unstored.open) partitions[frame.info.partition].add(frame);
  for (const RecoveredSeal& sealed : unstored.sealed) {
    for (const JournaledFrame& frame : sealed.frames) {
      PartitionSummary& partition = partitions[frame.info.partition];
      partition.add(frame);
      ++partition.sealed;
    }
  }
  return partitions;
}

}  // namespace cistern

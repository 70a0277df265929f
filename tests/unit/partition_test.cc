#include "pipeline/archive/partition.h"

#include <gtest/gtest.h>

#include "pipeline/utc_time.h"

namespace cistern {
namespace {

constexpr int64_t kHalfPastMs = 500'000 * kHourMs + kHourMs / 2;
const FlushThresholds kThresholds{1000, 5 * 60'000, 15 * 60'000};

WaitingFrame frame(uint64_t length, int64_t arrived_ms, int64_t event_ms, uint64_t segment = 1) {
  JournaledFrame journaled;
  journaled.ref = {segment, 0, length};
  journaled.arrived_ms = arrived_ms;
  journaled.info.first_ms = journaled.info.last_ms = event_ms;
  return {journaled, 0};
}

TEST(Partition, IsDueBySize) {
  Partition partition;
  partition.add(frame(999, kHalfPastMs, kHalfPastMs));
  EXPECT_EQ(partition.due(kThresholds, kHalfPastMs), std::nullopt);
  partition.add(frame(1, kHalfPastMs, kHalfPastMs));
  EXPECT_EQ(partition.due(kThresholds, kHalfPastMs), FlushCause::size);
}

TEST(Partition, IsDueByTheAgeOfItsOldestFrame) {
  Partition partition;
  partition.add(frame(1, kHalfPastMs - 5 * 60'000 + 1, kHalfPastMs));
  partition.add(frame(1, kHalfPastMs, kHalfPastMs));
  EXPECT_EQ(partition.due(kThresholds, kHalfPastMs), std::nullopt);
  EXPECT_EQ(partition.due(kThresholds, kHalfPastMs + 1), FlushCause::age);
}

TEST(Partition, APastHourMayWaitLonger) {
  Partition partition;
  partition.add(frame(1, kHalfPastMs - 15 * 60'000 + 1, kHalfPastMs - 2 * kHourMs));
  EXPECT_EQ(partition.due(kThresholds, kHalfPastMs), std::nullopt);
  EXPECT_EQ(partition.due(kThresholds, kHalfPastMs + 1), FlushCause::age);
}

TEST(Partition, TheHourThatJustEndedIsNotPastYet) {
  Partition partition;
  partition.add(frame(1, kHalfPastMs - 5 * 60'000, kHalfPastMs - kHourMs));
  EXPECT_EQ(partition.due(kThresholds, kHalfPastMs), FlushCause::age);
}

TEST(Partition, AFrameFromTheFutureDoesNotWaitForIt) {
  Partition partition;
  partition.add(frame(1, kHalfPastMs + 5 * 60'000, kHalfPastMs));
  EXPECT_EQ(partition.due(kThresholds, kHalfPastMs + 1), std::nullopt);
  EXPECT_EQ(partition.due(kThresholds, kHalfPastMs), FlushCause::age);
}

TEST(Partition, TakesTheOldestUpToTheFlushSizeAndAtLeastOne) {
  Partition partition;
  for (uint64_t length : {600, 300, 200, 5000}) partition.add(frame(length, kHalfPastMs, kHalfPastMs));
  EXPECT_EQ(partition.take(1000).size(), 2u);
  EXPECT_EQ(partition.take(1000).size(), 1u);
  EXPECT_EQ(partition.bytes(), 5000u);
  EXPECT_EQ(partition.take(1000).size(), 1u) << "a frame larger than an object is an object";
  EXPECT_TRUE(partition.empty());
}

TEST(Partition, KnowsWhetherItPinsASegment) {
  Partition partition;
  partition.add(frame(1, kHalfPastMs, kHalfPastMs, 7));
  partition.add(frame(1, kHalfPastMs, kHalfPastMs, 9));
  EXPECT_TRUE(partition.reaches_into(7));
  EXPECT_TRUE(partition.reaches_into(8));
  EXPECT_FALSE(partition.reaches_into(6));
}

}  // namespace
}  // namespace cistern

#include "pipeline/archive/open_partitions.h"

#include <gtest/gtest.h>

#include "pipeline/utc_time.h"

namespace cistern {
namespace {

WaitingFrame frame(int64_t hour, uint64_t bytes, uint64_t events, int64_t arrived_ms) {
  WaitingFrame waiting;
  waiting.frame.info.events = events;
  waiting.frame.info.last_ms = hour * kHourMs + 5;
  waiting.frame.ref.length = bytes;
  waiting.frame.arrived_ms = arrived_ms;
  return waiting;
}

Partition of(std::initializer_list<WaitingFrame> frames) {
  Partition partition;
  for (const WaitingFrame& each : frames) partition.add(each);
  return partition;
}

TEST(OpenPartitions, HoursAreSummedAndTheOthersTogether) {
  OpenPartitions open(100, 200, 10);
  open.add("a", of({frame(150, 10, 1, 7000), frame(150, 20, 2, 8000)}));
  open.add("b", of({frame(150, 5, 1, 6000)}));
  open.add("late", of({frame(99, 1, 1, 5000)}));
  open.add("early", of({frame(201, 2, 1, 9000)}));
  open.add("ancient", of({frame(-3, 4, 1, 4000)}));
  EXPECT_EQ(open.all().partitions, 5u);
  EXPECT_EQ(open.all().bytes, 42u);
  EXPECT_EQ(open.all().oldest_ms, 4000);
  ASSERT_EQ(open.hours().size(), 1u);
  EXPECT_EQ(open.hours().at(150).bytes, 35u);
  EXPECT_EQ(open.hours().at(150).events, 4u);
  EXPECT_EQ(open.hours().at(150).oldest_ms, 6000);
  EXPECT_EQ(open.other_hours().partitions, 3u);
  EXPECT_EQ(open.other_hours().bytes, 7u);
}

TEST(OpenPartitions, OnlyTheLargestAreListed) {
  OpenPartitions open(0, 1000, 3);
  for (uint64_t i = 0; i < 100; ++i) open.add(std::to_string(i), of({frame(5, (i * 37) % 101, 1, 1)}));
  const auto largest = open.largest();
  ASSERT_EQ(largest.size(), 3u);
  EXPECT_EQ(largest[0].waiting.bytes, 100u);
  EXPECT_EQ(largest[1].waiting.bytes, 99u);
  EXPECT_EQ(largest[2].waiting.bytes, 98u);
  EXPECT_EQ(open.all().partitions, 100u);
}

TEST(OpenPartitions, WhatWasTakenDoesNotCount) {
  Partition partition = of({frame(5, 10, 100, 1), frame(5, 20, 200, 2)});
  partition.take(10);
  OpenPartitions open(0, 10, 1);
  open.add("a", partition);
  EXPECT_EQ(open.all().events, 200u);
  EXPECT_EQ(open.all().bytes, 20u);
  EXPECT_EQ(open.all().oldest_ms, 2);
}

}  // namespace
}  // namespace cistern

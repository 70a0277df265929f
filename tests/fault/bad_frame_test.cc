// Frames that go bad on disk after they were acknowledged: the others go out, exactly once, and the bad ones
// are copied aside, told and counted, and hold neither an upload's place nor a segment.
#include <algorithm>

#include <gtest/gtest.h>

#include "pipeline/log.h"
#include "tests/fault/seeds.h"
#include "tests/fault/service_bench.h"

namespace cistern::test {
namespace {

using Counts = std::vector<int64_t>;

class BadFrame : public ::testing::Test {
 protected:
  BadFrame() { set_log_level(static_cast<LogLevel>(4)); }
  ~BadFrame() override { set_log_level(LogLevel::info); }

  static void send_four(ServiceBench& bench) {
    for (const char* id : {"r0", "r1", "r2", "r3"}) bench.send(id);
  }
  static Counts archived(ServiceBench& bench) { return bench.archived({"r0", "r1", "r2", "r3"}); }
  static void expect_one_set_aside(ServiceBench& bench, uint64_t offset) {
    EXPECT_EQ(bench.service->metrics().quarantined_frames.Value(), 1);
    EXPECT_NE(bench.service->damage().find("offset " + std::to_string(offset)), std::string::npos)
        << bench.service->damage();
    const auto names = bench.disk.list("journal/quarantine").value();
    ASSERT_EQ(names.size(), 1u);
    EXPECT_TRUE(names[0].starts_with("0000000000000001-" + std::to_string(offset) + "-")) << names[0];
  }
  // A restart finds nothing to do, and nothing is held.
  static void expect_empty(ServiceBench& bench) {
    EXPECT_LE(bench.service->journal_bytes(), 4 * bench.options.journal.segment_bytes);
    bench.kill();
    bench.start();
    EXPECT_EQ(bench.service->recovered_frames(), 0u);
  }
};

TEST_F(BadFrame, OneThatGoesBadWhileItWaitsIsSetAside) {
  ServiceBench bench(1);
  bench.start();
  send_four(bench);
  const uint64_t offset = bench.frame_offset(2);
  bench.spoil_frame(2);
  bench.drain();
  EXPECT_EQ(archived(bench), (Counts{1, 1, 0, 1}));
  expect_one_set_aside(bench, offset);
  expect_empty(bench);
}

TEST_F(BadFrame, OneThatGoesBadAfterItsObjectWasSealedIsSetAside) {
  ServiceBench bench(2);
  bench.store.set_faults({.retry = 1});
  bench.start();
  send_four(bench);
  bench.service->drain();
  bench.run_until([&] { return bench.service->metrics().uploads.of("retry").Value() > 1; });
  const uint64_t offset = bench.frame_offset(2);
  bench.spoil_frame(2);
  bench.store.set_faults({});
  bench.drain();
  EXPECT_EQ(archived(bench), (Counts{1, 1, 0, 1}));
  EXPECT_EQ(bench.store.objects().size(), 1u);
  expect_one_set_aside(bench, offset);
  expect_empty(bench);
}

// The first try stored it, and said that it failed.
TEST_F(BadFrame, TheWholeObjectOfAnEarlierTryIsRecognised) {
  ServiceBench bench(3);
  bench.store.set_faults({.unknown = 1});
  bench.start();
  send_four(bench);
  bench.service->drain();
  bench.run_until([&] { return bench.service->metrics().uploads.of("retry").Value() > 0; });
  bench.spoil_frame(2);
  bench.store.set_faults({});
  bench.drain();
  EXPECT_EQ(archived(bench), (Counts{1, 1, 1, 1}));
  EXPECT_EQ(bench.service->metrics().uploads.of("taken").Value(), 0);
  expect_empty(bench);
}

TEST_F(BadFrame, AnObjectOfNothingButBadFramesIsGivenUp) {
  ServiceBench bench(4);
  bench.start();
  bench.send("r0");
  bench.send("r1");
  bench.spoil_frame(0);
  bench.spoil_frame(1);
  bench.drain();
  EXPECT_TRUE(bench.store.objects().empty());
  EXPECT_EQ(bench.service->metrics().quarantined_frames.Value(), 2);
  expect_empty(bench);
}

// Under `acknowledge: stored` a 200 says that the store has all of it.
class BadFrameUnderStored : public BadFrame {
 protected:
  BadFrameUnderStored() {
    bench_.options.acknowledge = Acknowledge::stored;
    bench_.store.set_faults({.retry = 1});
    bench_.start();
    for (const char* id : {"r0", "r1", "r2", "r3"}) {  // a commit each
      answers_.push_back(bench_.post(id));
      bench_.run_until([this] { return commits() == answers_.size(); });
    }
    bench_.spoil_frame(2);
  }
  void expect_all_but_the_third_are_stored() {
    expect_the_third_is_not_stored();
    for (const size_t good : {0, 1, 3}) EXPECT_EQ(*answers_[good], "200");
  }
  void expect_the_third_is_not_stored() {
    bench_.run_until([this] {
      return std::none_of(answers_.begin(), answers_.end(),
                          [](const auto& answer) { return answer->empty(); });
    });
    EXPECT_NE(answers_[2]->find("went bad"), std::string::npos) << *answers_[2];
    EXPECT_EQ(archived(bench_), (Counts{1, 1, 0, 1}));
  }
  // What the restart finds is whole.
  void restart_and_spoil_the_third() {
    bench_.spoil_frame(2);
    bench_.kill();
    bench_.store.set_faults({});
    bench_.start();
    bench_.spoil_frame(2);
  }
  uint64_t commits() { return bench_.service->metrics().commit_seconds.Collect().histogram.sample_count; }
  void send_again() {
    answers_.clear();
    for (const char* id : {"r0", "r1", "r2", "r3"}) answers_.push_back(bench_.post(id));
  }

  ServiceBench bench_{5};
  std::vector<ServiceBench::Answer> answers_;
};

TEST_F(BadFrameUnderStored, WhatWentBadIsNotAcknowledgedNowOrWhenItComesAgain) {
  bench_.store.set_faults({});
  expect_all_but_the_third_are_stored();
  send_again();
  expect_all_but_the_third_are_stored();
}

TEST_F(BadFrameUnderStored, ARestartThatFindsItDoesNotAcknowledgeItEither) {
  bench_.kill();
  bench_.store.set_faults({});
  bench_.start();
  send_again();
  expect_all_but_the_third_are_stored();
}

// The frames are an earlier life's and go bad in this one.
TEST_F(BadFrameUnderStored, WhatGoesBadAfterARestartIsNotAcknowledgedWhenItComesAgain) {
  restart_and_spoil_the_third();
  send_again();
  expect_all_but_the_third_are_stored();
}

// Its record's meta lies before it: whose frame it is cannot be told any more.
TEST_F(BadFrameUnderStored, NeitherIsWhatGoesBadTogetherWithItsHead) {
  restart_and_spoil_the_third();
  bench_.disk.flip(bench_.first_segment, bench_.frame_offset(2) - 40);
  send_again();
  expect_the_third_is_not_stored();
}

// Killed at any step of all that, with a store whose answers get lost and whose writes come late, and with a
// sector that reads again afterwards or does not: what is good is there once, what is bad once at most.
TEST_F(BadFrame, AKillAtAnyStepLosesAndDoublesNothing) {
  const Seeds seeds = Seeds::chosen(60);
  for (uint64_t seed = seeds.first; seed <= seeds.last; ++seed) {
    SCOPED_TRACE(Seeds::repeat(seed, "BadFrame.AKill*"));
    ServiceBench bench(seed);
    std::mt19937_64 random(seed);
    bench.store.set_faults({.retry = 0.3, .unknown = 0.3, .late = 0.3, .longest_ms = 300});
    bench.start();
    send_four(bench);
    bench.service->drain();
    for (uint64_t steps = random() % 60; steps > 0; --steps) bench.step();
    bench.spoil_frame(2);
    bool bad = true;
    for (int life = 0; life < 3; ++life) {
      for (uint64_t steps = random() % 150; steps > 0; --steps) bench.step();
      bench.kill();
      if (bench.disk.exists(bench.first_segment).value() && random() % 3 == 0) {
        bench.disk.flip(bench.first_segment, bench.frame_offset(2) + 100);
        bad = !bad;
      }
      bench.start();
      bench.service->drain();
    }
    bench.store.set_faults({});
    bench.drain();
    bench.run_until([&, until_ms = bench.clock.true_ms() + 120'000] {
      return bench.clock.true_ms() > until_ms;  // what comes late has come
    });
    Counts counts = archived(bench);
    EXPECT_LE(counts[2], 1);
    counts[2] = 1;
    EXPECT_EQ(counts, (Counts{1, 1, 1, 1}));
    EXPECT_EQ(bench.store.changed_key(), "");
    expect_empty(bench);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace cistern::test

// The journal over a real file system: what is appended comes back, what is stored goes.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <boost/asio/thread_pool.hpp>

#include "tests/fault/journal_fixture.h"

namespace cistern::test {
namespace {

using Strings = std::vector<std::string>;

class JournalTest : public JournalFixture {
 protected:
  JournalTest() { start(); }
  size_t segment_files() const {
    size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(options_.path)) {
      count += entry.path().extension() == ".segment";
    }
    return count;
  }
};

TEST_F(JournalTest, ARestartTellsHowMuchIsRead) {
  for (int i = 0; i < 5; ++i)
    harness_->append(make_entry("r" + std::to_string(i), "a", {std::string(40'000, 'x')}));
  std::vector<std::pair<uint64_t, uint64_t>> told;
  options_.progress = [&told](uint64_t read, uint64_t of) { told.emplace_back(read, of); };
  start();
  ASSERT_GT(told.size(), 3u);
  EXPECT_EQ(told.front().first, 0u);
  EXPECT_GT(told.front().second, 200'000u);
  EXPECT_EQ(told.back().first, told.back().second);
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
}

TEST_F(JournalTest, AppendedFramesAreReadBackAndSurviveARestart) {
  const AppendOutcome first = harness_->append(make_entry("r1", "a", {"one", std::string(5000, 'x')}));
  const AppendOutcome second = harness_->append(make_entry("r2", "b", {"two"}));
  ASSERT_TRUE(first.is(Appended::committed));
  ASSERT_TRUE(second.is(Appended::committed));
  ASSERT_EQ(first.frames.size(), 2u);
  EXPECT_EQ(first.frames[0].bytes->view(), "one");
  EXPECT_EQ(harness_->read_all(first.frames), (Strings{"one", std::string(5000, 'x')}));
  const std::string id = harness_->journal->id();
  EXPECT_EQ(id.size(), 12u);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), id.npos);

  start();
  EXPECT_EQ(harness_->journal->id(), id);
  ASSERT_EQ(harness_->recovered.open.size(), 3u);
  EXPECT_EQ(harness_->read_all(harness_->recovered.open), (Strings{"one", std::string(5000, 'x'), "two"}));
  const JournaledFrame& frame = harness_->recovered.open[0];
  EXPECT_EQ(frame.ref, first.frames[0].ref);
  EXPECT_EQ(frame.info.partition, "2023/11/14/22/");
  EXPECT_EQ(frame.info.events, 3u);
  EXPECT_EQ(frame.info.raw_bytes, 30u);
  EXPECT_EQ(frame.info.first_ms, 1'700'000'000'001);
  EXPECT_EQ(frame.info.last_ms, 1'700'000'000'009);
  EXPECT_EQ(frame.arrived_ms, 1'700'000'000'000);
  EXPECT_EQ(frame.bytes, nullptr);
  EXPECT_EQ(harness_->recovered.quarantined_bytes, 0u);
}

TEST_F(JournalTest, SealedComesBackSealedAndStoredDoesNotComeBack) {
  const AppendOutcome a = harness_->append(make_entry("r1", "a", {"one", "two"}));
  const AppendOutcome b = harness_->append(make_entry("r2", "b", {"three"}));
  const uint64_t first = harness_->seal("k1", {a.frames[1], b.frames[0]});
  start();
  ASSERT_EQ(harness_->recovered.sealed.size(), 1u);
  const RecoveredSeal& sealed = harness_->recovered.sealed[0];
  EXPECT_EQ(sealed.seal.sequence, first);
  EXPECT_EQ(sealed.seal.key, "k1");
  EXPECT_EQ(harness_->read_all(sealed.frames), (Strings{"two", "three"}));
  EXPECT_EQ(harness_->read_all(harness_->recovered.open), (Strings{"one"}));
  EXPECT_GT(harness_->journal->next_sequence(), first);

  harness_->stored(first);
  start();
  EXPECT_TRUE(harness_->recovered.sealed.empty());
  EXPECT_EQ(harness_->read_all(harness_->recovered.open), (Strings{"one"}));
}

TEST_F(JournalTest, ASealMayTakeThePlaceOfAnother) {
  const AppendOutcome a = harness_->append(make_entry("r1", "a", {"one", "two"}));
  const uint64_t first = harness_->seal("taken", a.frames);
  const uint64_t second = harness_->seal("other", {a.frames[0]}, first);
  start();
  ASSERT_EQ(harness_->recovered.sealed.size(), 1u);
  EXPECT_EQ(harness_->recovered.sealed[0].seal.sequence, second);
  EXPECT_EQ(harness_->read_all(harness_->recovered.open), (Strings{"two"}));
}

TEST_F(JournalTest, TheSameDeliveryIsARepeatWhileQueuedAfterwardsAndAfterARestart) {
  auto first = harness_->start_append(make_entry("r1", "a", {"one"}));
  auto again = harness_->start_append(make_entry("r1", "a", {"one"}));
  harness_->run();
  EXPECT_TRUE(first->is(Appended::committed));
  EXPECT_TRUE(again->is(Appended::repeat));
  EXPECT_TRUE(harness_->append(make_entry("r1", "a", {"one"})).is(Appended::repeat));
  start();
  EXPECT_TRUE(harness_->append(make_entry("r1", "a", {"one"})).is(Appended::repeat));
  EXPECT_TRUE(harness_->append(make_entry("r1", "other", {"two"})).is(Appended::committed));
}

TEST_F(JournalTest, ARecordSeenUnderAnotherDeliveryOverlaps) {
  JournalEntry first = make_entry("r1", "a", {"one"});
  first.records = {make_digest(1), make_digest(2)};
  JournalEntry queued = make_entry("r2", "b", {"two"});
  queued.records = {make_digest(2), make_digest(3)};
  EXPECT_FALSE(harness_->journal->seen(make_digest(1)));
  auto one = harness_->start_append(first);
  auto two = harness_->start_append(queued);
  harness_->run();
  EXPECT_TRUE(one->is(Appended::committed));
  EXPECT_TRUE(two->is(Appended::overlap));
  start();
  EXPECT_TRUE(harness_->journal->seen(make_digest(1)));
  EXPECT_TRUE(harness_->journal->seen(make_digest(2)));
  EXPECT_FALSE(harness_->journal->seen(make_digest(3)));
  EXPECT_TRUE(harness_->append(queued).is(Appended::overlap));
  queued.records = {make_digest(3)};
  EXPECT_TRUE(harness_->append(queued).is(Appended::committed));
}

TEST_F(JournalTest, WhatIsTooOldIsForgotten) {
  options_.remember_seconds = 3600;
  start();
  harness_->append(make_entry("r1", "a", {"one"}, clock_.now_ms));
  clock_.now_ms += 3'500'000;
  EXPECT_TRUE(harness_->append(make_entry("r1", "a", {"one"}, clock_.now_ms)).is(Appended::repeat));
  clock_.now_ms += 200'000;
  EXPECT_TRUE(harness_->append(make_entry("r1", "a", {"one"}, clock_.now_ms)).is(Appended::committed));
}

TEST_F(JournalTest, DrainsWithoutFurtherTrafficAndKeepsIdentities) {
  std::vector<uint64_t> sequences;
  for (int i = 0; i < 30; ++i) {
    const AppendOutcome a = harness_->append(
        make_entry("r" + std::to_string(i), "a", {std::string(10'000, static_cast<char>('a' + i % 26))}));
    ASSERT_TRUE(a.is(Appended::committed));
    sequences.push_back(harness_->seal("k" + std::to_string(i), a.frames));
  }
  EXPECT_GT(segment_files(), 4u);
  for (const uint64_t sequence : sequences) harness_->journal->stored(sequence);
  harness_->run();
  EXPECT_EQ(segment_files(), 1u);
  EXPECT_LE(harness_->journal->bytes(), 3 * options_.segment_bytes);
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 30; ++i) {
      EXPECT_TRUE(harness_->append(make_entry("r" + std::to_string(i), "a", {"x"})).is(Appended::repeat))
          << i;
    }
    start();
    EXPECT_TRUE(harness_->recovered.open.empty());
    EXPECT_TRUE(harness_->recovered.sealed.empty());
    harness_->run();
    EXPECT_EQ(segment_files(), 1u);
  }
  EXPECT_GT(harness_->journal->next_sequence(), sequences.back());
}

TEST_F(JournalTest, IsBusyAtItsBoundAndCanStillBeEmptied) {
  options_.max_bytes = 8 * 64 << 10;
  start();
  std::vector<JournaledFrame> frames;
  bool busy = false;
  for (int i = 0; i < 100 && !busy; ++i) {
    const AppendOutcome a =
        harness_->append(make_entry("r" + std::to_string(i), "a", {std::string(9'000, 'x')}));
    busy = a.failed(ErrorKind::busy);
    if (!busy) frames.push_back(a.frames.at(0));
  }
  ASSERT_TRUE(busy);
  EXPECT_GT(frames.size(), 30u);
  EXPECT_TRUE(harness_->journal->full());
  EXPECT_TRUE(harness_->journal->healthy());
  EXPECT_LE(harness_->journal->bytes(), options_.max_bytes);
  EXPECT_EQ(harness_->journal->pinned_segment(), frames.front().ref.segment);
  EXPECT_TRUE(harness_->append(make_entry("r0", "a", {"x"})).is(Appended::repeat));
  for (const JournaledFrame& frame : frames) {
    const uint64_t sequence = harness_->seal(std::string(200, 'k'), {frame});
    ASSERT_NE(sequence, 0u);
    harness_->stored(sequence);
  }
  EXPECT_FALSE(harness_->journal->full());
  EXPECT_EQ(harness_->journal->pinned_segment(), std::nullopt);
  EXPECT_TRUE(harness_->append(make_entry("new", "a", {std::string(9'000, 'x')})).is(Appended::committed));
}

TEST_F(JournalTest, ADeliveryLargerThanASegmentGetsOneOfItsOwn) {
  const std::string large(200'000, 'L');
  EXPECT_TRUE(harness_->append(make_entry("r0", "a", {"before"})).is(Appended::committed));
  const AppendOutcome a = harness_->append(make_entry("r1", "a", {large, "small"}));
  ASSERT_TRUE(a.is(Appended::committed));
  EXPECT_TRUE(harness_->append(make_entry("r2", "a", {std::string(100, 'z')})).is(Appended::committed));
  EXPECT_EQ(harness_->read(a.frames[0].ref), large);
  EXPECT_TRUE(harness_->append(make_entry("r3", "a", {std::string(2'000'000, 'h')})).failed(ErrorKind::busy));
  start();
  EXPECT_EQ(harness_->read_all(harness_->recovered.open),
            (Strings{"before", large, "small", std::string(100, 'z')}));
}

TEST_F(JournalTest, OneProcessAJournal) {
  JournalHarness other(*disk_, clock_, options_);
  const auto opened = other.open();
  ASSERT_TRUE(opened.has_error());
  EXPECT_EQ(opened.error().kind, ErrorKind::fatal);
  EXPECT_NE(opened.error().what.find("pid "), std::string::npos) << opened.error().what;
}

TEST_F(JournalTest, RefusesANewerVersionInPlainWords) {
  const std::string id = harness_->journal->id();
  harness_->close();
  std::FILE* file = std::fopen((options_.path + "/identity").c_str(), "w");
  std::fprintf(file, "cistern journal, format 2\nwhatever %s\n", id.c_str());
  std::fclose(file);
  JournalHarness other(*disk_, clock_, options_);
  const auto opened = other.open();
  ASSERT_TRUE(opened.has_error());
  EXPECT_EQ(opened.error().kind, ErrorKind::invalid);
  EXPECT_NE(opened.error().what.find("newer version"), std::string::npos) << opened.error().what;
}

TEST_F(JournalTest, ALostIdentityIsTakenFromTheSegments) {
  const std::string id = harness_->journal->id();
  harness_->append(make_entry("r1", "a", {"one"}));
  harness_->close();
  std::filesystem::remove(options_.path + "/identity");
  start();
  EXPECT_EQ(harness_->journal->id(), id);
  EXPECT_EQ(harness_->recovered.open.size(), 1u);
}

TEST_F(JournalTest, ManyDeliveriesInOneCommit) {
  std::vector<std::shared_ptr<AppendOutcome>> outcomes;
  for (int i = 0; i < 200; ++i) {
    outcomes.push_back(
        harness_->start_append(make_entry("r" + std::to_string(i), "a", {std::string(1000, 'x')})));
  }
  harness_->run();
  for (const auto& outcome : outcomes) EXPECT_TRUE(outcome->is(Appended::committed));
  start();
  EXPECT_EQ(harness_->recovered.open.size(), 200u);
}

TEST_F(JournalTest, ReadTellsDamageFromAMissingSegment) {
  const AppendOutcome a = harness_->append(make_entry("r1", "a", {"one two three"}));
  FrameRef wrong = a.frames[0].ref;
  wrong.offset += 1;
  EXPECT_NE(harness_->read(wrong).find("checksum"), std::string::npos);
  wrong = a.frames[0].ref;
  wrong.segment += 7;
  EXPECT_NE(harness_->read(wrong).find("gone"), std::string::npos);
}

// With real threads: what is answered is readable at once, on any thread.
TEST(JournalThreads, AppendsFromManyThreadsWhileOthersRead) {
  const TemporaryFolder temporary;
  const auto disk = make_posix_disk();
  ManualClock clock;
  prometheus::Registry registry;
  Metrics metrics(registry);
  JournalOptions options;
  options.path = temporary.path();
  options.segment_bytes = 256 << 10;
  boost::asio::thread_pool disk_thread(1);
  Recovered recovered;
  auto journal = open_journal(*disk, clock, disk_thread.get_executor(), options, metrics, recovered).value();
  std::atomic<int> committed{0};
  std::atomic<int> wrong{0};
  const auto append_some = [&](int thread) {
    for (int i = 0; i < 100; ++i) {
      const std::string bytes = std::to_string(thread) + "/" + std::to_string(i) + std::string(3000, 'x');
      JournalEntry entry = make_entry(bytes.substr(0, 8), "a", {bytes});
      journal->append(
          std::move(entry), [&, bytes](Result<Appended> result, std::vector<JournaledFrame> frames) {
            Buffer read;
            const bool right =
                result && frames.size() == 1 && journal->read(frames[0].ref, read) && read.view() == bytes;
            (right ? committed : wrong) += 1;
            Seal seal;
            seal.sequence = journal->next_sequence();
            seal.frames = {frames.at(0).ref};
            const uint64_t sequence = seal.sequence;
            journal->seal(std::move(seal), [&, sequence](Result<> sealed) {
              if (sealed) journal->stored(sequence);
            });
          });
      journal->full();
      journal->seen(make_digest(1));
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(append_some, i);
  for (std::thread& thread : threads) thread.join();
  disk_thread.join();
  EXPECT_EQ(committed, 400);
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(journal->bytes(), 3 * options.segment_bytes);
  journal.reset();
}

}  // namespace
}  // namespace cistern::test

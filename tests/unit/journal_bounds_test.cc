// The journal at the edge of its bounds: what it remembers, and when it says that it is full.
#include "tests/fault/journal_fixture.h"

namespace cistern::test {
namespace {

using JournalBounds = JournalFixture;

// A delivery's own records must not push its identity out of the memory.
TEST_F(JournalBounds, ADeliveryOfManyRecordsIsKnownAgain) {
  options_.remember_entries = 10;
  start();
  JournalEntry entry = make_entry("r1", "a", {"one"});
  for (uint64_t i = 0; i < 12; ++i) entry.records.push_back(make_digest(i));
  ASSERT_TRUE(harness_->append(entry).is(Appended::committed));
  entry.records.resize(2);  // the oldest, which are forgotten: the identity alone can tell
  EXPECT_TRUE(harness_->append(entry).is(Appended::repeat));
}

TEST_F(JournalBounds, TellsTheOldestThatItRemembers) {
  options_.remember_entries = 2;
  start();
  EXPECT_EQ(harness_->metrics.remembered_oldest_timestamp.Value(), 0);
  for (int64_t i = 0; i < 3; ++i) {
    const std::string id = "r" + std::to_string(i);
    harness_->append(make_entry(id, id, {"x"}, 1'700'000'000'000 + i * 60'000));
  }
  EXPECT_EQ(harness_->metrics.remembered_oldest_timestamp.Value(), 1'700'000'060);
  start();
  EXPECT_EQ(harness_->metrics.remembered_oldest_timestamp.Value(), 1'700'000'060);
}

// full() is asked before a body is read: a journal that refuses every delivery of the usual size must say so,
// or each is read, decoded and framed in vain (and lost, under `acknowledge: memory`).
TEST_F(JournalBounds, IsFullOnceItRefusesDeliveries) {
  start();
  const std::string usual(40 << 10, 'x');  // more than half of a segment
  int committed = 0;
  for (; committed < 100; ++committed) {
    const std::string id = "r" + std::to_string(committed);
    if (!harness_->append(make_entry(id, id, {usual})).is(Appended::committed)) break;
  }
  ASSERT_LT(committed, 100) << "the bound was never reached";
  EXPECT_TRUE(harness_->journal->full());
}

// Once objects are stored and segments go, deliveries are taken again.
TEST_F(JournalBounds, IsNotFullOnceSegmentsHaveGone) {
  start();
  const std::string usual(40 << 10, 'x');
  std::vector<JournaledFrame> frames;
  for (int i = 0; !harness_->journal->full(); ++i) {
    ASSERT_LT(i, 100) << "the bound was never reached";
    const std::string id = "r" + std::to_string(i);
    const AppendOutcome outcome = harness_->append(make_entry(id, id, {usual}));
    frames.insert(frames.end(), outcome.frames.begin(), outcome.frames.end());
  }
  const uint64_t sequence = harness_->seal("all", frames);
  ASSERT_NE(sequence, 0u);
  EXPECT_TRUE(harness_->journal->full());  // a commit alone gives nothing back
  harness_->stored(sequence);
  EXPECT_FALSE(harness_->journal->full());
  EXPECT_TRUE(harness_->append(make_entry("again", "again", {usual})).is(Appended::committed));
}

// Waiting does not help such a delivery, and it must not keep others out.
TEST_F(JournalBounds, ADeliveryThatNeverFitsSaysWhatToSet) {
  start();
  ASSERT_TRUE(harness_->append(make_entry("r1", "a", {std::string(40 << 10, 'x')})).is(Appended::committed));
  ASSERT_TRUE(harness_->append(make_entry("r2", "b", {std::string(40 << 10, 'x')})).is(Appended::committed));
  const AppendOutcome refused = harness_->append(make_entry("r3", "c", {std::string(1 << 20, 'x')}));
  ASSERT_TRUE(refused.failed(ErrorKind::busy));
  EXPECT_NE(refused.result->error().what.find("set journal.max_bytes to"), std::string::npos)
      << refused.result->error().what;
  EXPECT_FALSE(harness_->journal->full());
  EXPECT_TRUE(harness_->append(make_entry("r4", "d", {"small"})).is(Appended::committed));
}

}  // namespace
}  // namespace cistern::test

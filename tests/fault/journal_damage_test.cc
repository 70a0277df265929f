// What the journal does when the disk fails under it, and when its bytes are not what was written.
#include <gtest/gtest.h>

#include "pipeline/journal/journal_format.h"
#include "tests/fault/faulty_disk.h"
#include "tests/fault/journal_harness.h"

namespace cistern::test {
namespace {

using Strings = std::vector<std::string>;

class JournalDamage : public ::testing::Test {
 protected:
  JournalDamage() : harness_(disk_, clock_, options()) { start(); }
  static JournalOptions options() {
    JournalOptions options;
    options.segment_bytes = 16 << 10;
    options.max_bytes = 1 << 20;
    options.min_free_bytes = 1 << 20;
    return options;
  }
  void start() {
    const auto opened = harness_.open();
    ASSERT_TRUE(opened) << opened.error().what;
  }
  AppendOutcome append(const std::string& id, const std::string& bytes) {
    return harness_.append(make_entry(id, id, {bytes}));
  }
  // Where the record of a delivery with one frame starts, a few bytes in.
  static uint64_t header_of(const AppendOutcome& appended) {
    return appended.frames.at(0).ref.offset - kFrameCheckBytes - kRecordHeaderBytes - meta_bytes();
  }
  static uint64_t meta_bytes() {
    Buffer meta;
    encode_delivery(make_entry("r2", "r2", {"two"}), meta);
    return meta.size();
  }
  Strings quarantine() { return disk_.list("journal/quarantine").value(); }
  Strings reopened() {
    start();
    return harness_.read_all(harness_.recovered.open);
  }

  FaultyDisk disk_{1};
  ManualClock clock_;
  JournalHarness harness_;
};

TEST_F(JournalDamage, AFailedSyncPoisonsAndARestartRecovers) {
  ASSERT_TRUE(append("r1", "one").is(Appended::committed));
  disk_.fail_sync_after(0);
  auto first = harness_.start_append(make_entry("r2", "b", {"two"}));
  auto repeat = harness_.start_append(make_entry("r2", "b", {"two"}));
  auto sealed = harness_.start_seal(Seal{1, "k", {}, 0, {}, 0, 0, 0, 0});
  harness_.run();
  EXPECT_TRUE(first->failed(ErrorKind::fatal));
  EXPECT_TRUE(repeat->failed(ErrorKind::fatal)) << "it waited for an outcome, and this is it";
  ASSERT_TRUE(*sealed);
  EXPECT_TRUE((*sealed)->has_error());
  EXPECT_FALSE(harness_.journal->healthy());
  const uint64_t operations = disk_.operations();
  EXPECT_TRUE(append("r3", "three").failed(ErrorKind::fatal));
  EXPECT_EQ(disk_.operations(), operations) << "nothing is written any more";
  disk_.crash();
  start();
  EXPECT_TRUE(harness_.journal->healthy());
  EXPECT_EQ(harness_.read(harness_.recovered.open.at(0).ref), "one");
  EXPECT_TRUE(append("r3", "three").is(Appended::committed));
}

TEST_F(JournalDamage, AFailedWritePoisons) {
  disk_.fail_write_after(0);
  EXPECT_TRUE(append("r1", "one").failed(ErrorKind::fatal));
  EXPECT_FALSE(harness_.journal->healthy());
}

// After a failed sync the kernel holds pages that it will not write: what recovery believes of them, it
// writes again before anybody may rely on it.
TEST_F(JournalDamage, WhatIsBelievedAfterAFailedSyncIsMadeDurableFirst) {
  disk_.fail_sync_after(0);
  EXPECT_TRUE(append("r1", "one").failed(ErrorKind::fatal));
  EXPECT_EQ(reopened(), (Strings{"one"}));
  EXPECT_TRUE(append("r1", "one").is(Appended::repeat));
  harness_.close();
  disk_.crash();
  EXPECT_EQ(reopened(), (Strings{"one"}));
}

// Two deliveries of one commit, of which the first was torn: the second is whole on disk, and was never
// acknowledged. Not even damage to the end record that the cut wrote brings it back.
TEST_F(JournalDamage, WhatWasCutNeverComesAlive) {
  append("r1", "one");
  disk_.fail_sync_after(0);
  harness_.start_append(make_entry("r2", "r2", {"two"}));
  harness_.start_append(make_entry("r3", "r3", {"three"}));
  harness_.run();
  const uint64_t torn = kSegmentHeaderBytes + record_bytes(meta_bytes(), kFrameCheckBytes + 3);
  disk_.flip("journal/0000000000000001.segment", torn + 50);
  EXPECT_EQ(reopened(), (Strings{"one"}));
  EXPECT_EQ(harness_.recovered.quarantined_bytes, 0u);
  EXPECT_TRUE(append("r4", "four").is(Appended::committed));
  disk_.flip("journal/0000000000000001.segment", torn + 5);
  EXPECT_EQ(reopened(), (Strings{"one", "four"}));
}

TEST_F(JournalDamage, DamageIsReportedCopiedAsideAndTheRestRecovered) {
  append("r1", "one");
  const AppendOutcome damaged = append("r2", "two");
  append("r3", "three");
  const FrameRef ref = damaged.frames.at(0).ref;
  disk_.flip("journal/0000000000000001.segment", ref.offset);
  EXPECT_NE(harness_.read(ref).find("checksum"), std::string::npos);
  EXPECT_EQ(reopened(), (Strings{"one", "three"}));
  EXPECT_GT(harness_.recovered.quarantined_bytes, 0u);
  ASSERT_EQ(quarantine().size(), 1u);
  EXPECT_EQ(reopened(), (Strings{"one", "three"}));
  EXPECT_EQ(quarantine().size(), 1u) << "copied once";
}

TEST_F(JournalDamage, AllThatIsWholeOfADamagedDeliveryIsKept) {
  const AppendOutcome damaged = harness_.append(make_entry("r1", "a", {"one", "two", "three"}));
  append("r2", "four");
  disk_.flip("journal/0000000000000001.segment", damaged.frames.at(1).ref.offset);
  EXPECT_EQ(reopened(), (Strings{"one", "three", "four"}));
}

TEST_F(JournalDamage, ARecordHeaderThatIsGoneTakesOnlyItsRecord) {
  append("r1", "one");
  const AppendOutcome damaged = append("r2", "two");
  append("r3", "three");
  disk_.flip("journal/0000000000000001.segment", header_of(damaged));
  EXPECT_EQ(reopened(), (Strings{"one", "three"}));
  EXPECT_EQ(quarantine().size(), 1u);
}

TEST_F(JournalDamage, ADamagedSegmentHeaderLosesNothingAndNoSequenceIsGivenTwice) {
  const AppendOutcome a = append("r1", "one");
  const uint64_t sequence = harness_.seal("k", a.frames);
  disk_.flip("journal/0000000000000001.segment", 3);
  start();
  ASSERT_EQ(harness_.recovered.sealed.size(), 1u);
  EXPECT_GT(harness_.journal->next_sequence(), sequence + 1000) << "lost seals may have had the next ones";
}

TEST_F(JournalDamage, ASealWithADamagedFrameComesBackInPartAndCanBeReplaced) {
  const AppendOutcome a = harness_.append(make_entry("r1", "a", {"one", "two"}));
  const uint64_t sequence = harness_.seal("k", a.frames);
  disk_.flip("journal/0000000000000001.segment", a.frames.at(0).ref.offset);
  start();
  ASSERT_EQ(harness_.recovered.sealed.size(), 1u);
  EXPECT_EQ(harness_.recovered.sealed[0].seal.frames.size(), 2u);
  EXPECT_EQ(harness_.read_all(harness_.recovered.sealed[0].frames), (Strings{"two"}));
  EXPECT_TRUE(harness_.recovered.open.empty());
  const uint64_t second = harness_.seal("k2", harness_.recovered.sealed[0].frames, sequence);
  ASSERT_NE(second, 0u);
  harness_.stored(second);
  EXPECT_TRUE(reopened().empty());
  EXPECT_TRUE(harness_.recovered.sealed.empty());
}

TEST_F(JournalDamage, ASegmentWithoutEndBeforeALaterOneIsDamaged) {
  for (int i = 0; i < 4; ++i) append("r" + std::to_string(i), std::string(6000, 'x'));
  ASSERT_TRUE(disk_.exists("journal/0000000000000002.segment").value());
  auto file = disk_.open("journal/0000000000000001.segment", Disk::Open::write).value();
  ASSERT_TRUE(file->truncate(9000));
  EXPECT_EQ(reopened().size(), 3u);
  EXPECT_GT(harness_.recovered.quarantined_bytes, 0u);
}

TEST_F(JournalDamage, AMissingSegmentDoesNotHideTheOthers) {
  for (int i = 0; i < 6; ++i) append("r" + std::to_string(i), std::string(6000, 'x'));
  ASSERT_TRUE(disk_.remove("journal/0000000000000002.segment"));
  EXPECT_EQ(reopened().size(), 4u);
}

TEST_F(JournalDamage, BelowTheFloorOfFreeSpaceDeliveriesAreBusyAndTheRestGoesOn) {
  const AppendOutcome a = append("r1", "one");
  disk_.set_free_bytes(1000);
  clock_.now_ms += 2000;
  EXPECT_TRUE(harness_.journal->full());
  EXPECT_TRUE(append("r2", "two").failed(ErrorKind::busy));
  const uint64_t sequence = harness_.seal("k", a.frames);
  EXPECT_NE(sequence, 0u);
  harness_.stored(sequence);
  disk_.set_free_bytes(1 << 30);
  clock_.now_ms += 2000;
  EXPECT_FALSE(harness_.journal->full()) << "found out without a delivery";
  EXPECT_TRUE(append("r2", "two").is(Appended::committed));
}

// What is asked before a body is read says so too, in its own words, and does not flutter around the floor.
TEST_F(JournalDamage, TheFloorOfFreeSpaceHasAMargin) {
  const uint64_t floor = options().min_free_bytes;
  const auto room_with = [this](uint64_t free) {
    disk_.set_free_bytes(free);
    clock_.now_ms += 2000;
    return harness_.journal->room();
  };
  EXPECT_TRUE(room_with(floor + 100));
  const auto refused = room_with(floor - 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::busy);
  EXPECT_NE(refused.error().what.find("journal.min_free_bytes"), std::string::npos) << refused.error().what;
  EXPECT_FALSE(room_with(floor + 100));
  EXPECT_TRUE(append("r1", "one").failed(ErrorKind::busy));
  EXPECT_TRUE(room_with(floor + floor / 4));
  EXPECT_TRUE(append("r1", "one").is(Appended::committed));
  EXPECT_TRUE(room_with(floor + 100));
}

// With no byte left on the disk, what has been uploaded can still be recorded, from the reserve.
TEST_F(JournalDamage, AFullDiskDoesNotStopTheJournalFromEmptying) {
  std::vector<JournaledFrame> frames;
  for (int i = 0; i < 12; ++i) {
    const AppendOutcome a = append("r" + std::to_string(i), std::string(4000, 'x'));
    if (i == 8) disk_.set_free_bytes(0);
    if (a.is(Appended::committed)) frames.push_back(a.frames.at(0));
  }
  std::vector<uint64_t> sequences;
  for (const JournaledFrame& frame : frames)
    sequences.push_back(harness_.seal(std::string(900, 'k'), {frame}));
  for (const uint64_t sequence : sequences) {
    ASSERT_NE(sequence, 0u);
    harness_.stored(sequence);
  }
  EXPECT_LE(harness_.journal->bytes(), 3u * (16 << 10));
  EXPECT_TRUE(harness_.journal->healthy());
  EXPECT_TRUE(reopened().empty());
}

}  // namespace
}  // namespace cistern::test

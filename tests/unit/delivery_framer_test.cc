// What one delivery may cost, and what becomes of the records that would cost more.

#include "pipeline/decode/delivery_framer.h"

#include <new>

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/record_maker.h"

namespace cistern {
namespace {

using test::base64_of;
using test::gzip_of;

constexpr int64_t kArrivedMs = 1'795'248'000'000;  // 2026-11-21T08:00

// A journal that has seen nothing; only what a framer asks.
class EmptyJournal : public Journal {
 public:
  void append(JournalEntry, OnAppended) override {}
  void seal(Seal, OnDone) override {}
  void stored(uint64_t) override {}
  uint64_t next_sequence() override { return 1; }
  Result<> read(const FrameRef&, Buffer&) const override { return ok(); }
  Result<std::string> set_aside(const FrameRef&) override { return std::string(); }
  bool seen(const Digest128&) const override {
    if (out_of_memory) throw std::bad_alloc();
    return false;
  }
  void remember_lost(const std::vector<Digest128>&) override {}
  bool lost(const std::vector<Digest128>&) const override { return false; }
  const std::string& id() const override { return id_; }
  uint64_t bytes() const override { return 0; }
  Result<> room() const override { return ok(); }
  bool healthy() const override { return true; }
  std::optional<uint64_t> pinned_segment() const override { return std::nullopt; }

  bool out_of_memory = false;

 private:
  std::string id_ = "0123456789ab";
};

std::string envelope_of(std::string_view group, size_t events) {
  std::string json = R"({"messageType":"DATA_MESSAGE","owner":"1","logGroup":")" + std::string(group) +
                     R"(","logStream":"s","logEvents":[)";
  for (size_t i = 0; i < events; ++i) {
    json += i == 0 ? "" : ",";
    json += R"({"id":"7","timestamp":)" + std::to_string(kArrivedMs) + R"(,"message":"m"})";
  }
  return json + "]}";
}

class DeliveryFramerTest : public ::testing::Test {
 protected:
  FramedDelivery frame(const std::vector<std::string>& data) { return try_frame(data).value(); }
  Result<FramedDelivery> try_frame(const std::vector<std::string>& data) {
    std::vector<std::string> texts;
    for (const std::string& datum : data) texts.push_back(base64_of(datum));
    return try_frame_base64(texts);
  }
  Result<FramedDelivery> try_frame_base64(const std::vector<std::string>& data) {
    if (!framer_) framer_ = std::make_unique<DeliveryFramer>(limits_, format_of(), journal_);
    Delivery delivery;
    delivery.request_id = "r";
    delivery.request_ms = delivery.arrived_ms = kArrivedMs;
    std::vector<Buffer> texts;
    for (const std::string& datum : data) texts.emplace_back(datum);
    for (const Buffer& text : texts) delivery.records.push_back(text.view());
    return framer_->frame(delivery, Level{1});
  }
  static std::shared_ptr<const FrameFormat> format_of() {
    return std::make_shared<const FrameFormat>(
        FrameFormat{KeyTemplate::parse("", "{yyyy}/{mm}/{dd}/{hh}/").value(),
                    KeyTemplate::parse("", "dead-letters/{yyyy}/").value(),
                    LineFormat::parse({"timestamp", "logGroup", "message"}, EventId::full).value()});
  }

  Limits limits_;
  EmptyJournal journal_;
  std::unique_ptr<DeliveryFramer> framer_;
};
using Reasons = std::vector<DeadLetterReason>;

TEST_F(DeliveryFramerTest, Trap18LinesThatRepeatAnEnvelopeAreBounded) {
  limits_.delivery_line_bytes = 64 << 20;
  const std::string bomb = gzip_of(envelope_of(std::string(4096, 'g'), 20'000));  // 82 MB of lines
  const FramedDelivery framed = frame({gzip_of(envelope_of("a", 2)), bomb, gzip_of(envelope_of("b", 3))});
  EXPECT_EQ(framed.tally.dead_letters, Reasons{DeadLetterReason::lines_too_large});
  EXPECT_EQ(framed.tally.events, 5u);
  EXPECT_EQ(framed.entry.records.size(), 2u);
  ASSERT_EQ(framed.entry.frames.size(), 2u);
  EXPECT_EQ(framed.entry.frames[0].info.events, 5u);
  Buffer letter;
  ASSERT_TRUE(Gunzip().run(framed.entry.frames[1].bytes->view(), 1 << 20, letter));
  const auto said = nlohmann::json::parse(letter.view());
  EXPECT_EQ(said["reason"], "lines_too_large");
  EXPECT_EQ(said["record"], 1);
  EXPECT_EQ(said["data"], base64_of(bomb));
}

TEST_F(DeliveryFramerTest, LinesAreBoundedForTheWholeDeliveryAndAnew) {
  limits_.delivery_line_bytes = 1 << 20;
  const std::string group(2000, 'g');
  const auto record = [&](const char* more) { return gzip_of(envelope_of(group + more, 200)); };  // 0.4 MB
  const FramedDelivery framed = frame({record("1"), record("2"), record("3"), record("4"), "text"});
  EXPECT_EQ(framed.tally.dead_letters,
            (Reasons{DeadLetterReason::lines_too_large, DeadLetterReason::lines_too_large}));
  EXPECT_EQ(framed.tally.events, 401u);
  EXPECT_LE(framed.entry.frames[0].info.raw_bytes, limits_.delivery_line_bytes);
  EXPECT_TRUE(frame({record("5"), record("6")}).tally.dead_letters.empty());
}

TEST_F(DeliveryFramerTest, Trap18TextThatGrowsWhenEscapedIsBounded) {
  const std::string bomb = gzip_of(std::string(12 << 20, '\x01'));  // 72 MiB escaped
  const FramedDelivery framed = frame({bomb, "text"});
  EXPECT_EQ(framed.tally.dead_letters, Reasons{DeadLetterReason::inflates_too_large});
  EXPECT_EQ(framed.tally.events, 1u);
}

TEST_F(DeliveryFramerTest, ALargeDeliveryLeavesNoLargeScratch) {
  test::RecordMaker maker(5);
  std::string noise(1 << 20, 'x');  // one line of 24 MiB, which compresses little
  for (char& c : noise) c = static_cast<char>('0' + maker.below(40));
  while (noise.size() < 24u << 20) noise += std::string(noise);
  std::string lines(20 << 20, 'y');  // 1 MB lines
  for (size_t at = 0; at < lines.size(); at += 1'000'000) lines[at] = '\n';
  for (const std::string& text : {noise, lines, std::string(900'000, '\n')}) {
    const FramedDelivery framed = frame({text});
    EXPECT_TRUE(framed.tally.dead_letters.empty());
    Buffer out;
    ASSERT_TRUE(Gunzip().run(framed.entry.frames[0].bytes->view(), 1 << 30, out));
    EXPECT_EQ(out.size(), framed.entry.frames[0].info.raw_bytes);
    EXPECT_LT(framer_->scratch_bytes(), 20u << 20);
  }
  EXPECT_FALSE(try_frame_base64({base64_of(noise), "broken="}));
  EXPECT_LT(framer_->scratch_bytes(), 20u << 20);
}

TEST_F(DeliveryFramerTest, Trap18PartitionsOfADeliveryAreBounded) {
  limits_.partitions_per_delivery = 3;
  const auto hours = [](std::initializer_list<int> offsets) {
    std::string json = envelope_of("g", 0);
    json.resize(json.size() - 2);
    for (const int hour : offsets) {
      json += json.back() == '[' ? "" : ",";
      json += R"({"id":")" + std::to_string(hour) + R"(","timestamp":)" +
              std::to_string(kArrivedMs + hour * 3'600'000) + R"(,"message":"m"})";
    }
    return gzip_of(json + "]}");
  };
  const FramedDelivery framed = frame({hours({0, 1, 0, 1, 0, 1}), hours({1, 2, 3}), hours({1, 2, 1}),
                                       hours({0, 3}), hours({2, 0, 1, 2, 0}), "text of hour 0"});
  EXPECT_EQ(framed.tally.dead_letters,
            (Reasons{DeadLetterReason::too_many_partitions, DeadLetterReason::too_many_partitions}));
  EXPECT_EQ(framed.tally.events, 6u + 3 + 5 + 1);
  EXPECT_EQ(framed.entry.frames.size(), 3u + 1);
}

TEST_F(DeliveryFramerTest, WithoutMemoryItIsBusyAndTheNextDeliveryFine) {
  const std::string record = gzip_of(envelope_of("g", 2));
  journal_.out_of_memory = true;
  for (int i = 0; i < 3; ++i) {
    const auto refused = try_frame({"text", record});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::busy);
    EXPECT_EQ(framer_->scratch_bytes(), 0u);  // dropped, not kept half used
  }
  journal_.out_of_memory = false;
  EXPECT_EQ(frame({"text", record}).tally.events, 3u);
}

TEST_F(DeliveryFramerTest, ARecordTwiceIsARepeatAndTakesNoRoom) {
  limits_.delivery_line_bytes = 1 << 20;
  const std::string record = gzip_of(envelope_of(std::string(2000, 'g'), 400));  // 0.8 MB
  const FramedDelivery framed = frame({record, record, record});
  EXPECT_EQ(framed.tally.repeated_records, 2u);
  EXPECT_EQ(framed.tally.events, 400u);
  EXPECT_TRUE(framed.tally.dead_letters.empty());
}

TEST_F(DeliveryFramerTest, OtherRulesHoldFromTheNextDeliveryOn) {
  const std::string record = gzip_of(envelope_of("g", 3));
  EXPECT_EQ(frame({record}).entry.frames[0].info.partition.substr(0, 2), "20");
  Limits fewer;
  fewer.events_per_record = 2;
  framer_->use(fewer, std::make_shared<const FrameFormat>(
                          FrameFormat{KeyTemplate::parse("new/", "{yyyy}/").value(),
                                      KeyTemplate::parse("", "broken/{yyyy}/").value(),
                                      LineFormat::parse({"message"}, EventId::full).value()}));
  const FramedDelivery framed = frame({record, gzip_of(envelope_of("g", 2))});
  ASSERT_EQ(framed.entry.frames.size(), 2u);
  EXPECT_EQ(framed.entry.frames[0].info.partition.substr(0, 7), "broken/");
  EXPECT_EQ(framed.entry.frames[1].info.partition.substr(0, 6), "new/20");
}

}  // namespace
}  // namespace cistern

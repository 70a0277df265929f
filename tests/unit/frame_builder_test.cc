#include "pipeline/decode/frame_builder.h"

#include <map>

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pipeline/utc_time.h"
#include "tests/unit/record_maker.h"

namespace cistern {
namespace {

constexpr int64_t kFrameMs = 1'795'248'000'000;  // 2026-11-21T08:00

FrameFormat format_of(std::string_view key = "{yyyy}/{mm}/{dd}/{hh}/") {
  return {KeyTemplate::parse("", key).value(),
          KeyTemplate::parse("", "dead-letters/{yyyy}/{mm}/{dd}/{hh}/").value(),
          LineFormat::parse({"timestamp", "message"}, EventId::full).value()};
}

std::string unpacked(const Frame& frame) {
  Buffer out;
  EXPECT_TRUE(Gunzip().run(frame.bytes->view(), 1ull << 32, out));
  return std::string(out.view());
}

// Events that stay where they are while an envelope points at them.
struct Events {
  std::vector<LogEvent> events;
  Envelope envelope(std::string_view group = "g") const {
    Envelope made;
    made.log_group = group;
    made.events = events;
    return made;
  }
};

class FrameBuilderTest : public ::testing::Test {
 protected:
  FrameBuilderTest() {
    delivery_.request_id = "ed4acda5";
    delivery_.source_arn = "arn:aws:firehose:eu-west-1:1:deliverystream/s";
    delivery_.request_ms = kFrameMs;
    delivery_.arrived_ms = kFrameMs + 1000;
  }
  FrameBuilder builder(std::string_view key = "{yyyy}/{mm}/{dd}/{hh}/") {
    return FrameBuilder(std::make_shared<const FrameFormat>(format_of(key)));
  }
  Delivery delivery_;
};

TEST_F(FrameBuilderTest, NothingMakesNoFrame) {
  FrameBuilder frames = builder();
  frames.begin(delivery_, {});
  EXPECT_TRUE(frames.finish().empty());
}

TEST_F(FrameBuilderTest, EveryEventGoesToItsOwnHour) {
  FrameBuilder frames = builder();
  frames.begin(delivery_, {6});
  const Events events{{{{}, kFrameMs, "a", {}},
                       {{}, kFrameMs + kHourMs, "b", {}},
                       {{}, kFrameMs + 5, "c", {}},
                       {{}, kFrameMs - 13 * 24 * kHourMs, "late", {}},
                       {{}, -1, "never", {}}}};
  frames.add(events.envelope());
  const std::vector<Frame> made = frames.finish();
  ASSERT_EQ(made.size(), 4u);
  EXPECT_EQ(made[0].info.partition, "2026/11/08/08/");
  EXPECT_EQ(made[1].info.partition, "2026/11/21/08/");
  EXPECT_EQ(made[2].info.partition, "2026/11/21/09/");
  EXPECT_EQ(made[3].info.partition, "out-of-range-time/0000/00/00/00/");
  EXPECT_EQ(unpacked(made[1]),
            "{\"timestamp\":1795248000000,\"message\":\"a\"}\n"
            "{\"timestamp\":1795248000005,\"message\":\"c\"}\n");
  EXPECT_EQ(made[1].info.events, 2u);
  EXPECT_EQ(made[1].info.first_ms, kFrameMs);
  EXPECT_EQ(made[1].info.last_ms, kFrameMs + 5);
  EXPECT_EQ(made[1].info.raw_bytes, unpacked(made[1]).size());
}

TEST_F(FrameBuilderTest, EnvelopesOfOnePartitionShareAFrame) {
  FrameBuilder frames = builder("{log_group}/{yyyy}/");
  frames.begin(delivery_, {});
  const Events first{{{{}, kFrameMs, "a", {}}}}, second{{{{}, kFrameMs, "b", {}}}};
  frames.add(first.envelope("x"));
  frames.add(first.envelope("y"));
  frames.add(second.envelope("x"));
  const std::vector<Frame> made = frames.finish();
  ASSERT_EQ(made.size(), 2u);
  EXPECT_EQ(made[0].info.partition, "x/2026/");
  EXPECT_EQ(made[0].info.events, 2u);
  EXPECT_EQ(made[1].info.events, 1u);
}

TEST_F(FrameBuilderTest, LargeFramesAreSeveralMembersAndWhole) {
  FrameBuilder frames = builder();
  frames.begin(delivery_, {Level::kFastest});
  std::string expected;
  const std::string message(1000, 'm');
  const Events events{std::vector<LogEvent>(50, LogEvent{{}, kFrameMs, message, {}})};
  for (int i = 0; i < 30; ++i) frames.add(events.envelope());
  for (int i = 0; i < 1500; ++i)
    expected += "{\"timestamp\":1795248000000,\"message\":\"" + message + "\"}\n";
  const std::vector<Frame> made = frames.finish();
  ASSERT_EQ(made.size(), 1u);
  EXPECT_TRUE(unpacked(made[0]) == expected);
  size_t members = 0;
  for (size_t at = 0; (at = made[0].bytes->view().find("\x1f\x8b\x08", at)) != std::string_view::npos; ++at)
    ++members;
  EXPECT_GE(members, expected.size() / (600 << 10));
}

TEST_F(FrameBuilderTest, TheSameCallsGiveTheSameBytes) {
  const auto run = [&](FrameBuilder& frames) {
    test::RecordMaker maker(12);
    frames.begin(delivery_, {1});
    for (int i = 0; i < 300; ++i) {
      const std::string message(maker.below(400), 'a');
      const Events events{{{{}, kFrameMs + static_cast<int64_t>(maker.below(40)) * kHourMs, message, {}}}};
      frames.add(events.envelope());
      if (maker.below(20) == 0) frames.add_dead_letter(DeadLetterReason::bad_json, "x", i, "QUJD");
    }
    return frames.finish();
  };
  FrameBuilder one = builder(), two = builder();
  const std::vector<Frame> first = run(one), again = run(one), other = run(two);
  ASSERT_EQ(first.size(), again.size());
  for (size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].info.partition, again[i].info.partition);
    EXPECT_EQ(first[i].bytes->view(), again[i].bytes->view());
    EXPECT_EQ(first[i].bytes->view(), other[i].bytes->view());
    EXPECT_TRUE(i == 0 || first[i - 1].info.partition < first[i].info.partition);
  }
}

TEST_F(FrameBuilderTest, TenThousandPartitionsInOneDelivery) {
  FrameBuilder frames = builder();
  frames.begin(delivery_, {1});
  const std::string message(3000, 'm');  // 60 MB of lines in all: more than may wait
  for (int round = 0; round < 2; ++round) {
    Events events;
    for (int64_t i = 0; i < 10'000; ++i) events.events.push_back({{}, i * kHourMs, message, {}});
    frames.add(events.envelope());
  }
  const std::vector<Frame> made = frames.finish();
  ASSERT_EQ(made.size(), 10'000u);
  uint64_t lines = 0;
  for (const Frame& frame : made) {
    lines += frame.info.events;
    EXPECT_LT(frame.bytes->capacity(), 1000u);
  }
  EXPECT_EQ(lines, 20'000u);
  EXPECT_EQ(unpacked(made[0]).size(), made[0].info.raw_bytes);
}

TEST_F(FrameBuilderTest, DeadLettersAreLinesOfTheirOwnPartition) {
  FrameBuilder frames = builder();
  frames.begin(delivery_, {});
  const Events events{{{{}, kFrameMs, "a", {}}}};
  frames.add(events.envelope());
  frames.add_dead_letter(DeadLetterReason::bad_gzip, "damaged \"gzip\"", 3, "H4sI");
  frames.add_dead_letter(DeadLetterReason::binary, "neither", 4, "/w==");
  const std::vector<Frame> made = frames.finish();
  ASSERT_EQ(made.size(), 2u);
  EXPECT_EQ(made[1].info.partition, "dead-letters/2026/11/21/08/");
  EXPECT_EQ(made[1].info.events, 2u);
  EXPECT_EQ(unpacked(made[1]),
            R"({"reason":"bad_gzip","why":"damaged \"gzip\"","requestId":"ed4acda5",)"
            R"("sourceArn":"arn:aws:firehose:eu-west-1:1:deliverystream/s","requestTimestamp":1795248000000,)"
            R"("record":3,"data":"H4sI"})"
            "\n"
            R"({"reason":"binary","why":"neither","requestId":"ed4acda5",)"
            R"("sourceArn":"arn:aws:firehose:eu-west-1:1:deliverystream/s","requestTimestamp":1795248000000,)"
            R"("record":4,"data":"/w=="})"
            "\n");
}

TEST_F(FrameBuilderTest, DeadLettersOfAnImpossibleTimeGoByTheArrival) {
  delivery_.request_ms = INT64_MAX;
  FrameBuilder frames = builder();
  frames.begin(delivery_, {});
  frames.add_dead_letter(DeadLetterReason::binary, "x", 0, "");
  EXPECT_EQ(frames.finish()[0].info.partition, "dead-letters/2026/11/21/08/");
}

TEST_F(FrameBuilderTest, AnUnfinishedDeliveryLeavesNoTraces) {
  FrameBuilder frames = builder();
  const Events events{{{{}, kFrameMs, "dropped", {}}}};
  frames.begin(delivery_, {});
  frames.add(events.envelope());
  frames.begin(delivery_, {});
  EXPECT_TRUE(frames.finish().empty());
  frames.begin(delivery_, {});
  const Events kept{{{{}, kFrameMs, "kept", {}}}};
  frames.add(kept.envelope());
  EXPECT_EQ(unpacked(frames.finish()[0]), "{\"timestamp\":1795248000000,\"message\":\"kept\"}\n");
}

TEST_F(FrameBuilderTest, Trap15AHugeLineIsOneLine) {
  FrameBuilder frames = builder();
  frames.begin(delivery_, {1});
  const std::string message(20 << 20, 'x');
  const Events events{{{{}, kFrameMs, message, {}}, {{}, kFrameMs, "next", {}}}};
  frames.add(events.envelope());
  const std::string lines = unpacked(frames.finish()[0]);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2);
  EXPECT_GT(lines.size(), message.size());
}

}  // namespace
}  // namespace cistern

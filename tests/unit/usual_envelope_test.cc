#include "pipeline/decode/usual_envelope.h"

#include <gtest/gtest.h>

#include "pipeline/buffer.h"
#include "pipeline/decode/envelope_parser.h"
#include "tests/unit/record_maker.h"

namespace cistern {
namespace {

using test::MadeEnvelope;

// What was read, as text.
std::string shown(const Envelope& envelope, const std::vector<LogEvent>& events) {
  std::string text;
  for (const std::string_view part : {envelope.owner, envelope.log_group, envelope.log_stream,
                                      envelope.subscription_filters, envelope.policy_level}) {
    text.append(part).append("|");
  }
  for (const LogEvent& event : events) {
    text.append(event.id).append("|").append(std::to_string(event.timestamp_ms)).append("|");
    text.append(event.message).append("|").append(event.extracted_fields).append("\n");
  }
  return text;
}

// Empty: not the usual envelope.
std::string by_short_cut(std::string_view json, uint64_t max_events = 1000) {
  const Buffer text(json);
  Envelope envelope;
  std::vector<LogEvent> events;
  return read_usual_envelope(text.view(), max_events, envelope, events) ? shown(envelope, events) : "";
}

// The same by the walk: a space behind the document is nothing to it, and not usual.
std::string by_walk(std::string_view json, uint64_t max_events = 1000) {
  const Buffer text(std::string(json) + " ");
  EnvelopeParser parser(64);
  Envelope envelope;
  std::vector<LogEvent> events;
  const ParsedDocument parsed = parser.parse(text.view(), max_events, envelope, events);
  return parsed.kind == DocumentKind::data ? shown(envelope, events) : "";
}

MadeEnvelope usual(test::RecordMaker& maker) {
  MadeEnvelope envelope = maker.envelope(5);
  envelope.policy_level.clear();
  for (auto& event : envelope.events) event.extracted_fields.clear();
  return envelope;
}

TEST(UsualEnvelope, IsTakenAndReadAsTheWalkReadsIt) {
  test::RecordMaker maker(1);
  for (int i = 0; i < 300; ++i) {
    const std::string json = usual(maker).json();
    ASSERT_NE(by_short_cut(json), "") << json;
    ASSERT_EQ(by_short_cut(json), by_walk(json));
  }
}

TEST(UsualEnvelope, WhateverIsTakenTheWalkTakesTheSameWay) {
  test::RecordMaker maker(2);
  constexpr std::string_view kBytes = "{}[]:,\"\\ 0123-+.eEtfnu\n\x01\x7f\x80\xc3\xa9\xed\xa0";
  std::vector<std::string> documents;
  while (documents.size() < 20) {
    documents.push_back(usual(maker).json());
    if (documents.back().size() > 1500) documents.pop_back();
  }
  int taken = 0;
  for (int i = 0; i < 10'000; ++i) {
    std::string json = documents[maker.below(documents.size())];
    json[maker.below(json.size())] = kBytes[maker.below(kBytes.size())];
    if (maker.below(4) == 0) json.erase(maker.below(json.size()), 1 + maker.below(3));
    const std::string read = by_short_cut(json);
    if (read.empty()) continue;
    ++taken;
    ASSERT_EQ(read, by_walk(json)) << json;
  }
  EXPECT_GT(taken, 1000);
}

TEST(UsualEnvelope, ACutOffOneIsLeftAlone) {
  test::RecordMaker maker(3);
  const std::string json = usual(maker).json();
  for (size_t size = 0; size < json.size(); ++size) ASSERT_EQ(by_short_cut(json.substr(0, size)), "") << size;
}

TEST(UsualEnvelope, NumbersBoundsAndBytesOutOfTheOrdinaryAreLeftToTheWalk) {
  const auto with = [](const std::string& owner, const std::string& timestamp, const std::string& message) {
    return R"({"messageType":"DATA_MESSAGE","owner":")" + owner +
           R"(","logGroup":"g","logStream":"s","subscriptionFilters":[],"logEvents":[{"id":"1","timestamp":)" +
           timestamp + R"(,"message":")" + message + R"("}]})";
  };
  EXPECT_NE(by_short_cut(with("1", "0", "m")), "");
  for (const char* number : {"-1", "01", "1.0", "1e3", "", " 1", "1 ", "9223372036854775808", "null"}) {
    EXPECT_EQ(by_short_cut(with("1", number, "m")), "") << number;
  }
  for (const char* message : {"\t", "\x1f", "\\x", "\\u12g4", "\\", "\xff", "\xed\xa0\x80"}) {
    EXPECT_EQ(by_short_cut(with("1", "1", message)), "") << message;
  }
  EXPECT_NE(by_short_cut(with(std::string(4096, 'o'), "1", "m")), "");
  EXPECT_EQ(by_short_cut(with(std::string(4097, 'o'), "1", "m")), "");
  EXPECT_EQ(by_short_cut(with("1", "1", "m"), 0), "");
}

// Every place of a block of 64, of which the short cut looks at one at a time, and of the next.
TEST(UsualEnvelope, AnEscapeIsSeenAtEveryPlace) {
  for (size_t before = 0; before < 140; ++before) {
    const auto with = [&](const std::string& escape) {
      return R"({"messageType":"DATA_MESSAGE","owner":"","logGroup":"","logStream":"","subscriptionFilters":["f","\""],)"
             R"("logEvents":[{"id":"1","timestamp":1,"message":")" +
             std::string(before, 'x') + escape + R"(y"}]})";
    };
    for (const char* good : {"\\\"", "\\\\", "\\u00e9", "\\\\\\\"", "\xc3\xa9"}) {
      EXPECT_EQ(by_short_cut(with(good)), by_walk(with(good)));
      EXPECT_NE(by_short_cut(with(good)), "");
    }
    EXPECT_EQ(by_short_cut(with("\"")), "");
    EXPECT_EQ(by_short_cut(with("\\\\\"")), "");
  }
}

}  // namespace
}  // namespace cistern

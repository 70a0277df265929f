#include "pipeline/decode/envelope_parser.h"

#include <gtest/gtest.h>

#include "pipeline/buffer.h"
#include "tests/unit/record_maker.h"

namespace cistern {
namespace {

// A parse whose views stay valid as long as it lives.
struct Parsed {
  explicit Parsed(std::string_view json, uint64_t max_events = 1000, uint64_t max_depth = 64) : text(json) {
    EnvelopeParser parser(max_depth);
    document = parser.parse(text.view(), max_events, envelope, events);
  }
  Buffer text;
  Envelope envelope;
  std::vector<LogEvent> events;
  ParsedDocument document;
};

DocumentKind kind_of(std::string_view json) { return Parsed(json).document.kind; }
std::string why(std::string_view json) { return Parsed(json).document.why; }

// An envelope with one member replaced or added.
std::string envelope_with(std::string_view members, std::string_view events) {
  return R"({"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s",)" +
         std::string(members) + R"("logEvents":)" + std::string(events) + "}";
}
constexpr std::string_view kEvent = R"({"id":"7","timestamp":5,"message":"m"})";
std::string one_event(std::string_view members) { return "[{" + std::string(members) + "}]"; }

TEST(EnvelopeParser, TakesTheFieldsAsViewsOfTheText) {
  const Parsed parsed(
      R"({"messageType":"DATA_MESSAGE","owner":"123456789012","logGroup":"/a\/b","logStream":"2026/[$LATEST]",)"
      R"("subscriptionFilters":["f","g"],"logEvents":[{"id":"1","timestamp":-5,"message":"a\u0000\ud800\n"},)"
      R"({"id":"2","timestamp":9,"message":"","extractedFields":{"@aws.account":"1"}}],)"
      R"("policyLevel":"ACCOUNT_LEVEL_POLICY"})");
  ASSERT_EQ(parsed.document.kind, DocumentKind::data);
  EXPECT_EQ(parsed.envelope.owner, "123456789012");
  EXPECT_EQ(parsed.envelope.log_group, R"(/a\/b)");
  EXPECT_EQ(parsed.envelope.log_stream, "2026/[$LATEST]");
  EXPECT_EQ(parsed.envelope.subscription_filters, R"(["f","g"])");
  EXPECT_EQ(parsed.envelope.policy_level, "ACCOUNT_LEVEL_POLICY");
  ASSERT_EQ(parsed.events.size(), 2u);
  EXPECT_EQ(parsed.events[0].message, R"(a\u0000\ud800\n)");
  EXPECT_EQ(parsed.events[0].timestamp_ms, -5);
  EXPECT_EQ(parsed.events[1].message, "");
  EXPECT_EQ(parsed.events[1].extracted_fields, R"({"@aws.account":"1"})");
  EXPECT_GE(parsed.events[0].message.data(), parsed.text.data());
}

TEST(EnvelopeParser, OrderSpacesUnknownMembersAndEscapedNamesDoNotMatter) {
  const Parsed parsed(R"( {
    "new":{"messageType":[1,{"a":null}]}, "log\u0045vents" : [ {"x":"\"}","message":"m" , "timestamp" : 5
    ,"id":"7","y":[[]]} ] , "logStream":"s","logGroup":"g","owner":"1","also":-1.5e3,"messageType":"DATA_MESSAGE" } )");
  ASSERT_EQ(parsed.document.kind, DocumentKind::data) << parsed.document.why;
  ASSERT_EQ(parsed.events.size(), 1u);
  EXPECT_EQ(parsed.events[0].id, "7");
  EXPECT_EQ(parsed.events[0].message, "m");
  EXPECT_EQ(parsed.events[0].timestamp_ms, 5);
}

TEST(EnvelopeParser, TheObservedControlMessageIsOne) {
  const Parsed parsed(test::control_message());
  EXPECT_EQ(parsed.document.kind, DocumentKind::control);
  EXPECT_TRUE(parsed.events.empty());
}

TEST(EnvelopeParser, WhatBreaksTheRulesIsABadEnvelope) {
  EXPECT_EQ(why(envelope_with("", "{}")), "logEvents is not an array");
  EXPECT_EQ(why(envelope_with("", "[3]")), "a log event is not an object");
  EXPECT_EQ(why(envelope_with("", one_event(R"("timestamp":5,"message":"m")"))), "a log event has no id");
  EXPECT_EQ(why(envelope_with("", one_event(R"("id":"7","message":"m")"))), "a log event has no timestamp");
  EXPECT_EQ(why(envelope_with("", one_event(R"("id":"7","timestamp":5)"))), "a log event has no message");
  EXPECT_EQ(why(envelope_with("", one_event(R"("id":7,"timestamp":5,"message":"m")"))),
            "a log event's id is not a string");
  EXPECT_EQ(why(envelope_with("", one_event(R"("id":"7","timestamp":5,"message":null)"))),
            "a log event's message is not a string");
  EXPECT_EQ(why(envelope_with("", one_event(R"("id":"7","timestamp":5,"message":"m","extractedFields":[])"))),
            "a log event's extractedFields is not an object");
  EXPECT_EQ(why(envelope_with(R"("subscriptionFilters":"f",)", "[]")), "subscriptionFilters is not an array");
  EXPECT_EQ(why(envelope_with(R"("policyLevel":1,)", "[]")), "policyLevel is not a string");
  EXPECT_EQ(why(R"({"messageType":"DATA_MESSAGE","logGroup":"g","logStream":"s","logEvents":[]})"),
            "owner is missing");
  EXPECT_EQ(why(R"({"messageType":"DATA_MESSAGE","owner":1,"logGroup":"g","logStream":"s","logEvents":[]})"),
            "owner is not a string");
  EXPECT_EQ(why(R"({"messageType":"DATA_MESSAGE","owner":"1","logGroup":"g","logStream":"s"})"),
            "logEvents is missing");
  EXPECT_EQ(why(R"({"messageType":"OTHER","owner":"1","logGroup":"g","logStream":"s","logEvents":[]})"),
            "messageType is neither DATA_MESSAGE nor CONTROL_MESSAGE");
}

TEST(EnvelopeParser, ATimestampIsAnIntegerOf64Bits) {
  for (const char* bad :
       {R"("5")", "5.0", "5e0", "null", "true", "99999999999999999999", "[5]", "{}", "9223372036854775808"}) {
    const std::string json =
        envelope_with("", one_event(R"("id":"7","message":"m","timestamp":)" + std::string(bad)));
    EXPECT_EQ(kind_of(json), DocumentKind::bad_envelope) << bad;
  }
  for (const char* bad : {"05", "5x", "--5", "+5", "5.", "0x5", "", "-", "1e"}) {
    const std::string json =
        envelope_with("", one_event(R"("id":"7","message":"m","timestamp":)" + std::string(bad)));
    EXPECT_EQ(kind_of(json), DocumentKind::not_json) << bad;
  }
  const Parsed parsed(
      envelope_with("", one_event(R"("id":"7","message":"m","timestamp":-9223372036854775808)")));
  ASSERT_EQ(parsed.document.kind, DocumentKind::data);
  EXPECT_EQ(parsed.events[0].timestamp_ms, INT64_MIN);
}

TEST(EnvelopeParser, AKnownMemberMustNotStandTwice) {
  EXPECT_EQ(why(envelope_with(R"("owner":"2",)", "[]")), "a member stands twice");
  EXPECT_EQ(why(envelope_with(R"("logEvents":[],)", "[]")), "a member stands twice");
  EXPECT_EQ(why(envelope_with("", one_event(R"("id":"7","timestamp":5,"message":"m","\u006dessage":"n")"))),
            "a member stands twice");
  EXPECT_EQ(kind_of(envelope_with(R"("x":1,"x":2,)", "[]")), DocumentKind::data);
}

TEST(EnvelopeParser, OptionalMembersMayBeNull) {
  EXPECT_EQ(
      kind_of(envelope_with(R"("subscriptionFilters":null,"policyLevel":null,)",
                            one_event(R"("id":"7","timestamp":5,"message":"m","extractedFields":null)"))),
      DocumentKind::data);
}

TEST(EnvelopeParser, OtherJsonIsNotAnEnvelope) {
  for (const char* json :
       {"{}", R"({"level":"info","message":"x"})", R"({"messageType":"order","id":7})", R"({"owner":5})",
        R"({"logEvents":[1]})", R"({"owner":"1","logGroup":"g","logEvents":[{"id":"7"}]})"}) {
    EXPECT_EQ(kind_of(json), DocumentKind::other) << json;
  }
}

TEST(EnvelopeParser, EveryPartIsCheckedAsJson) {
  for (const char* members :
       {R"("x":[1,],)", R"("x":{"a":1],)", R"("x":nul,)", R"("x":01,)", R"("x":"\q",)", R"("x\q":1,)",
        R"("x":"a":"b",)", R"("x":"a" "b",)", R"("x" 1,)", R"(,)", R"("x":,)", R"(x:1,)", "\"x\":\"\x01\",",
        "\"x\":\"\xff\",", R"("x":1 2,)", R"("x":{"a":"b":"c"},)", R"("owner2":"1":2,)"}) {
    EXPECT_EQ(kind_of(envelope_with(members, "[]")), DocumentKind::not_json) << members;
  }
  EXPECT_EQ(kind_of(envelope_with("", "[" + std::string(kEvent) + ",]")), DocumentKind::not_json);
  EXPECT_EQ(kind_of(envelope_with("", "[" + std::string(kEvent) + std::string(kEvent) + "]")),
            DocumentKind::not_json);
  EXPECT_EQ(kind_of(envelope_with("", one_event(R"("id":"7":"8","timestamp":5,"message":"m")"))),
            DocumentKind::not_json);
}

TEST(EnvelopeParser, OnlyOneWholeDocumentIsTaken) {
  const std::string one = envelope_with("", "[]");
  for (const std::string& json :
       {one + one, one + "\n" + one, one + "x", one + "}", "x" + one, "[" + one + "]", one + ",",
        std::string(), std::string("{"), std::string("\"a\""), std::string("7")}) {
    EXPECT_EQ(kind_of(json), DocumentKind::not_json) << json;
  }
}

TEST(EnvelopeParser, CutAnywhereItIsNotJson) {
  const std::string json = test::RecordMaker(4).envelope(3).json();
  for (size_t size = 0; size < std::min<size_t>(json.size(), 3000); ++size) {
    EXPECT_EQ(kind_of(json.substr(0, size)), DocumentKind::not_json) << size;
  }
}

TEST(EnvelopeParser, DepthIsBoundedEverywhere) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  const std::string objects = [] {
    std::string text;
    for (int i = 0; i < 5000; ++i) text += R"({"a":)";
    return text + "1" + std::string(5000, '}');
  }();
  for (const std::string& value : {deep, objects}) {
    EXPECT_EQ(kind_of(envelope_with("\"x\":" + value + ",", "[]")), DocumentKind::not_json);
    EXPECT_EQ(kind_of(envelope_with("", value)), DocumentKind::not_json);
    EXPECT_EQ(kind_of(envelope_with(
                  "", one_event(R"("id":"7","timestamp":5,"message":"m","extractedFields":)" + value))),
              DocumentKind::not_json);
  }
  EXPECT_EQ(Parsed(envelope_with("\"x\":[[[1]]],", "[]"), 10, 4).document.kind, DocumentKind::data);
  EXPECT_EQ(Parsed(envelope_with("\"x\":[[[[1]]]],", "[]"), 10, 4).document.kind, DocumentKind::not_json);
}

TEST(EnvelopeParser, EventsAreBounded) {
  const std::string two = "[" + std::string(kEvent) + "," + std::string(kEvent) + "]";
  EXPECT_EQ(Parsed(envelope_with("", two), 2).document.kind, DocumentKind::data);
  const Parsed parsed(envelope_with("", two), 1);
  EXPECT_EQ(parsed.document.kind, DocumentKind::too_many_events);
  EXPECT_TRUE(parsed.events.empty());
}

TEST(EnvelopeParser, Trap18WhatEveryLineRepeatsIsBounded) {
  const auto with = [](size_t name, size_t level, size_t filter) {
    return R"({"messageType":"DATA_MESSAGE","owner":"1","logGroup":")" + std::string(name, 'g') +
           R"(","logStream":"s","policyLevel":")" + std::string(level, 'p') +
           R"(","subscriptionFilters":[")" + std::string(filter, 'f') + "\"],\"logEvents\":[" +
           std::string(kEvent) + "]}";
  };
  EXPECT_EQ(kind_of(with(4096, 4096, 16'380)), DocumentKind::data);
  EXPECT_EQ(kind_of(with(4097, 1, 1)), DocumentKind::bad_envelope);
  EXPECT_EQ(kind_of(with(1, 4097, 1)), DocumentKind::bad_envelope);
  EXPECT_EQ(kind_of(with(1, 1, 16'381)), DocumentKind::bad_envelope);
}

TEST(EnvelopeParser, TellsWhatWasMeantToBeAnEnvelope) {
  EXPECT_TRUE(begins_like_envelope(R"({"messageType":"DATA_MESS)"));
  EXPECT_TRUE(begins_like_envelope(R"( { "owner":"1","logEvents":[)"));
  EXPECT_FALSE(begins_like_envelope(R"({"owner":"1")"));
  EXPECT_FALSE(begins_like_envelope(R"({"level":"x","messageType")"));
  EXPECT_FALSE(begins_like_envelope("{messageType}"));
  EXPECT_FALSE(begins_like_envelope(""));
}

// What an earlier, larger document left in the parser must not be taken for the end of a cut one.
TEST(EnvelopeParser, ADocumentCutAnywhereAfterALargerOneIsNeverReadPastItsEnd) {
  const std::string event =
      R"({"id":"7","timestamp":5,"message":"m","extractedFields":{"a":"b","c":["d"]},"more":[{"x":1}]})";
  std::string many = event;
  for (int i = 0; i < 50; ++i) many += "," + event;
  const std::string large = envelope_with("", "[" + many + "]");
  const std::string whole = envelope_with(R"("unknown":{"y":[1,"z"]},)", "[" + event + "," + event + "]");
  EnvelopeParser parser(64);
  Envelope envelope;
  std::vector<LogEvent> events;
  for (size_t size = 0; size < whole.size(); ++size) {
    const Buffer before(large);
    ASSERT_EQ(DocumentKind::data, parser.parse(before.view(), 1000, envelope, events).kind);
    events.clear();
    const Buffer cut(std::string_view(whole).substr(0, size));
    EXPECT_EQ(DocumentKind::not_json, parser.parse(cut.view(), 1000, envelope, events).kind) << size;
    EXPECT_TRUE(events.empty());
  }
}

}  // namespace
}  // namespace cistern

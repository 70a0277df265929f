#include "pipeline/decode/line_format.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/line_fields.h"

namespace cistern {
namespace {

using test::kAllFields, test::kDefaultFields;

std::string line(const std::vector<std::string>& fields, EventId event_id, const Envelope& envelope,
                 const LogEvent& event, const Delivery& delivery = {}) {
  const LineFormat format = LineFormat::parse(fields, event_id).value();
  LineWriter writer(format);
  Buffer out;
  writer.begin(envelope, delivery);
  writer.write(event, out);
  return std::string(out.view());
}

Envelope an_envelope() {
  Envelope envelope;
  envelope.owner = "123456789012";
  envelope.log_group = R"(/aws\/x)";
  envelope.log_stream = "s";
  return envelope;
}
constexpr std::string_view kEventId = "31953106606966983378809025079804211143289615424298221568";
constexpr LogEvent kEscapedEvent{kEventId, 1432826855000, R"(a\ud800\u0000\"b\n)", {}};

std::string error_of(const std::vector<std::string>& fields, EventId event_id = EventId::full) {
  const auto format = LineFormat::parse(fields, event_id);
  return format ? "" : format.error().what;
}

TEST(LineFormat, TheDefaultLineIsExactlyThis) {
  EXPECT_EQ(line(kDefaultFields, EventId::full, an_envelope(), kEscapedEvent),
            R"({"timestamp":1432826855000,"id":"31953106606966983378809025079804211143289615424298221568",)"
            R"("owner":"123456789012","logGroup":"/aws\/x","logStream":"s","message":"a\ud800\u0000\"b\n"})"
            "\n");
}

TEST(LineFormat, BareTextHasEmptyFields) {
  EXPECT_EQ(line(kDefaultFields, EventId::full, {}, {{}, 7, "x", {}}),
            R"({"timestamp":7,"id":"","owner":"","logGroup":"","logStream":"","message":"x"})"
            "\n");
}

TEST(LineFormat, ShortIdsAndNone) {
  EXPECT_EQ(line({"timestamp", "id"}, EventId::short_, an_envelope(), kEscapedEvent),
            "{\"timestamp\":1432826855000,\"id\":\"014d9b2a87f4665ba04f6ad621810000\"}\n");
  EXPECT_EQ(line({"id", "timestamp", "owner"}, EventId::none, an_envelope(), kEscapedEvent),
            "{\"timestamp\":1432826855000,\"owner\":\"123456789012\"}\n");
}

TEST(LineFormat, EveryFieldInTheOrderAskedFor) {
  Envelope envelope = an_envelope();
  envelope.subscription_filters = "[\n  \"f\",\r\n\t\"g\"\n]";
  envelope.policy_level = "ACCOUNT_LEVEL_POLICY";
  LogEvent event = kEscapedEvent;
  event.extracted_fields = "{\n\"@aws.region\" : \"eu-west-1\"\n}";
  Delivery delivery;
  delivery.request_id = "ed4acda5-034f-9f42-bba1-f29aea6d7d8f";
  delivery.source_arn = "arn:aws:firehose:eu-west-1:1:deliverystream/caf\xe9";
  delivery.request_ms = -12;
  delivery.common_attributes = {{"env", "pr\"od"}, {"empty", ""}};
  EXPECT_EQ(line(kAllFields, EventId::full, envelope, event, delivery),
            R"({"commonAttributes":{"env":"pr\"od","empty":""},"requestTimestamp":-12,)"
            R"("requestId":"ed4acda5-034f-9f42-bba1-f29aea6d7d8f",)"
            R"("sourceArn":"arn:aws:firehose:eu-west-1:1:deliverystream/caf\u00e9",)"
            R"("extractedFields":{"@aws.region" : "eu-west-1"},"policyLevel":"ACCOUNT_LEVEL_POLICY",)"
            R"("message":"a\ud800\u0000\"b\n","subscriptionFilters":[  "f","g"],"logStream":"s",)"
            R"("logGroup":"/aws\/x","owner":"123456789012",)"
            R"("id":"31953106606966983378809025079804211143289615424298221568","timestamp":1432826855000})"
            "\n");
}

TEST(LineFormat, WhatIsMissingKeepsItsType) {
  const auto made = nlohmann::json::parse(line(kAllFields, EventId::full, {}, {}));
  EXPECT_EQ(made["commonAttributes"], nlohmann::json::object());
  EXPECT_EQ(made["extractedFields"], nlohmann::json::object());
  EXPECT_EQ(made["subscriptionFilters"], nlohmann::json::array());
  EXPECT_EQ(made["policyLevel"], "");
  EXPECT_EQ(made["requestTimestamp"], 0);
}

TEST(LineFormat, ConstantsAreRenderedAnewForEveryEnvelope) {
  const LineFormat format = LineFormat::parse({"message", "owner"}, EventId::full).value();
  LineWriter writer(format);
  Buffer out;
  Envelope other = an_envelope();
  other.owner = "2";
  writer.begin(an_envelope(), {});
  writer.write({{}, 0, "a", {}}, out);
  writer.write({{}, 0, "b", {}}, out);
  writer.begin(other, {});
  writer.write({{}, 0, "c", {}}, out);
  EXPECT_EQ(out.view(),
            "{\"message\":\"a\",\"owner\":\"123456789012\"}\n{\"message\":\"b\",\"owner\":\"123456789012\"}\n"
            "{\"message\":\"c\",\"owner\":\"2\"}\n");
}

TEST(LineFormat, ExtremeTimestampsAreWhole) {
  EXPECT_EQ(line({"timestamp"}, EventId::full, {}, {{}, INT64_MIN, {}, {}}),
            "{\"timestamp\":-9223372036854775808}\n");
}

TEST(LineFormat, MistakesAreNamedWithWhatIsAllowed) {
  EXPECT_NE(error_of({"timestamp", "loggroup"}).find("\"loggroup\""), std::string::npos);
  EXPECT_NE(error_of({"loggroup"}).find("logGroup"), std::string::npos);
  EXPECT_NE(error_of({"loggroup"}).find("commonAttributes"), std::string::npos);
  EXPECT_NE(error_of({"id", "message", "id"}).find("\"id\" stands twice"), std::string::npos);
  EXPECT_NE(error_of({}).find("no fields"), std::string::npos);
  EXPECT_NE(error_of({"id"}, EventId::none).find("no fields"), std::string::npos);
  EXPECT_NE(error_of({"id", "message"}, EventId::short_).find("timestamp"), std::string::npos);
  EXPECT_EQ(error_of({"message"}, EventId::short_), "");
  EXPECT_EQ(error_of({"bad\n\x01name"}).find('\n'), std::string::npos);
}

}  // namespace
}  // namespace cistern

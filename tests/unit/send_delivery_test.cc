// What the simulator's deliveries look like on the wire, taken apart again with other code than made them.
#include <map>
#include <set>

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pipeline/digest.h"
#include "pipeline/utc_time.h"
#include "server/send/delivery_writer.h"
#include "server/send/made_up_lines.h"

namespace cistern {
namespace {

constexpr int64_t kBeginMs = 1'700'049'600'000;

class FixedLines : public LogLines {
 public:
  explicit FixedLines(uint64_t count) : left_(count) {}
  bool next(std::string& message) override {
    message = "line " + std::to_string(left_);
    return left_ > 0 && left_-- > 0;
  }

 private:
  uint64_t left_;
};

SendOptions options_of(uint64_t events) {
  SendOptions options;
  options.seed = 5;
  options.events = events;
  return options;
}

std::vector<std::shared_ptr<const SendDelivery>> make_all(const SendOptions& options, uint64_t identity = 1) {
  MadeUpLines lines(options.seed);
  DeliveryWriter writer(options, lines, identity);
  std::vector<std::shared_ptr<const SendDelivery>> all;
  while (auto delivery = writer.next(kBeginMs)) all.push_back(delivery);
  return all;
}

std::string header(const SendDelivery& delivery, const std::string& name) {
  for (const auto& [known, value] : delivery.headers) {
    if (known == name) return value;
  }
  return "(none)";
}

std::string datum_of(const nlohmann::json& record) {
  Buffer out;
  const Buffer text(record.at("data").get_ref<const std::string&>());
  EXPECT_TRUE(base64_decode(text.view(), out));
  return std::string(out.view());
}

std::string inflated(std::string_view bytes) {
  Buffer out;
  Gunzip gunzip;
  EXPECT_TRUE(gunzip.run(bytes, 64 << 20, out));
  return std::string(out.view());
}

nlohmann::json envelope_of(const nlohmann::json& record) {
  return nlohmann::json::parse(inflated(datum_of(record)));
}

TEST(SendDelivery, HasEveryHeaderOfTheService) {
  SendOptions options = options_of(10);
  options.access_key = "a key, {\"with\":\"anything\"}";
  options.attributes = {{"team", "orders"}, {"quote\"", ""}};
  const auto all = make_all(options);
  ASSERT_EQ(all.size(), 1u);
  const SendDelivery& delivery = *all[0];
  EXPECT_EQ(header(delivery, "X-Amz-Firehose-Protocol-Version"), "1.0");
  EXPECT_EQ(header(delivery, "X-Amz-Firehose-Request-Id"), delivery.request_id);
  EXPECT_EQ(header(delivery, "X-Amz-Firehose-Source-Arn"), options.source_arn);
  EXPECT_EQ(header(delivery, "X-Amz-Firehose-Access-Key"), options.access_key);
  EXPECT_EQ(header(delivery, "Content-Type"), "application/json");
  EXPECT_EQ(header(delivery, "Content-Encoding"), "(none)");
  EXPECT_EQ(header(delivery, "User-Agent"), "Amazon Kinesis Data Firehose Agent/1.0");
  EXPECT_EQ(header(delivery, "X-Amzn-Trace-Id").substr(0, 7), "Root=1-");
  EXPECT_EQ(nlohmann::json::parse(header(delivery, "X-Amz-Firehose-Common-Attributes")),
            nlohmann::json::parse(R"({"commonAttributes":{"team":"orders","quote\"":""}})"));
}

TEST(SendDelivery, LeavesOutWhatIsNotConfigured) {
  const auto all = make_all(options_of(10));
  EXPECT_EQ(header(*all[0], "X-Amz-Firehose-Access-Key"), "(none)");
  EXPECT_EQ(header(*all[0], "X-Amz-Firehose-Common-Attributes"), "(none)");
}

TEST(SendDelivery, BodyAndEnvelopesAreTheServices) {
  const auto all = make_all(options_of(250));
  ASSERT_EQ(all.size(), 1u);
  const nlohmann::json body = nlohmann::json::parse(all[0]->body);
  EXPECT_EQ(body.at("requestId"), all[0]->request_id);
  EXPECT_EQ(body.at("timestamp"), kBeginMs);
  ASSERT_EQ(body.at("records").size(), 3u);
  std::set<std::string> ids;
  for (const nlohmann::json& record : body.at("records")) {
    EXPECT_EQ(record.size(), 1u);
    const nlohmann::json envelope = envelope_of(record);
    EXPECT_EQ(envelope.at("messageType"), "DATA_MESSAGE");
    EXPECT_EQ(envelope.at("owner"), "123456789012");
    EXPECT_TRUE(envelope.at("subscriptionFilters").is_array());
    int64_t before = 0;
    for (const nlohmann::json& event : envelope.at("logEvents")) {
      ids.insert(event.at("id").get<std::string>());
      EXPECT_LE(before, event.at("timestamp").get<int64_t>());
      EXPECT_LE(event.at("timestamp").get<int64_t>(), kBeginMs);
      before = event.at("timestamp");
    }
  }
  EXPECT_EQ(ids.size(), 250u);
  EXPECT_EQ(all[0]->events, 250u);
}

TEST(SendDelivery, CompressesTheSameBody) {
  SendOptions options = options_of(100);
  const std::string plain = make_all(options)[0]->body;
  options.gzip = true;
  const auto all = make_all(options);
  EXPECT_EQ(header(*all[0], "Content-Encoding"), "gzip");
  EXPECT_EQ(inflated(all[0]->body), plain);
}

TEST(SendDelivery, EndsWithItsLines) {
  SendOptions options = options_of(0);
  options.events_per_record = 10;
  options.records_per_delivery = 2;
  FixedLines lines(25);
  DeliveryWriter writer(options, lines, 1);
  std::vector<uint64_t> events;
  while (auto delivery = writer.next(kBeginMs)) events.push_back(delivery->events);
  EXPECT_EQ(events, (std::vector<uint64_t>{20, 5}));
}

TEST(SendDelivery, StopsAtItsSize) {
  SendOptions options = options_of(20'000);
  options.size = 50'000;
  const auto all = make_all(options);
  ASSERT_GT(all.size(), 2u);
  for (const auto& delivery : all) EXPECT_LT(delivery->body.size(), 80'000u);
}

TEST(SendDelivery, SameSeedGivesTheSameEventsUnderOtherIds) {
  const auto a = make_all(options_of(50), 1);
  const auto b = make_all(options_of(50), 2);
  EXPECT_NE(a[0]->request_id, b[0]->request_id);
  const nlohmann::json first = envelope_of(nlohmann::json::parse(a[0]->body)["records"][0]);
  const nlohmann::json second = envelope_of(nlohmann::json::parse(b[0]->body)["records"][0]);
  EXPECT_EQ(first["logStream"], second["logStream"]);
  EXPECT_EQ(first["logEvents"][0]["message"], second["logEvents"][0]["message"]);
  EXPECT_NE(first["logEvents"][0]["id"], second["logEvents"][0]["id"]);
}

std::set<int64_t> hours_of(const SendOptions& options) {
  std::set<int64_t> hours;
  for (const auto& delivery : make_all(options)) {
    const nlohmann::json body = nlohmann::json::parse(delivery->body);
    for (const nlohmann::json& record : body["records"]) {
      const nlohmann::json envelope = envelope_of(record);
      for (const nlohmann::json& event : envelope["logEvents"]) {
        hours.insert((kBeginMs - event["timestamp"].get<int64_t>()) / kHourMs);
      }
    }
  }
  return hours;
}

TEST(SendDelivery, LateEventsAreUpToTheirAgeOld) {
  SendOptions options = options_of(2000);
  options.events_per_record = 10;
  EXPECT_EQ(hours_of(options), std::set<int64_t>{0});
  options.late = 0.5;
  const auto hours = hours_of(options);
  EXPECT_GT(hours.size(), 30u);
  EXPECT_GE(*hours.begin(), 0);
  EXPECT_LE(*hours.rbegin(), 14 * 24);
}

TEST(SendDelivery, SpreadFillsEveryHour) {
  SendOptions options = options_of(1000);
  options.spread_hours = 6;
  const auto hours = hours_of(options);
  for (int64_t hour = 0; hour < 6; ++hour) EXPECT_TRUE(hours.contains(hour)) << hour;
}

TEST(SendDelivery, ControlMessagesAreAsCaptured) {
  SendOptions options = options_of(3);
  options.control = 1;
  const auto all = make_all(options);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0]->control_messages, 3u);
  EXPECT_EQ(all[0]->events, 0u);
  EXPECT_EQ(inflated(datum_of(nlohmann::json::parse(all[0]->body)["records"][0])),
            R"({"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logGroup":"","logStream":"",)"
            R"("subscriptionFilters":[],"logEvents":[{"id":"","timestamp":1700049600000,)"
            R"("message":"CWL CONTROL MESSAGE: Checking health of destination Firehose."}]})");
}

TEST(SendDelivery, RepeatsAreChosenByFraction) {
  SendOptions options = options_of(2000);
  options.events_per_record = 5;
  options.records_per_delivery = 1;
  options.repeat = 0.5;
  uint64_t repeats = 0;
  for (const auto& delivery : make_all(options)) repeats += delivery->repeat;
  EXPECT_GT(repeats, 100u);
  EXPECT_LT(repeats, 300u);
}

// One record of each nasty kind, by kind.
class SendNastyRecord : public testing::Test {
 protected:
  SentRecord make(NastyKind kind) {
    SentEnvelope envelope{.owner = "1", .log_group = "g", .log_stream = "s", .events = {}};
    ids_.begin_envelope();
    for (int i = 0; i < 2; ++i) envelope.events.push_back({ids_.next(kBeginMs), kBeginMs, "message"});
    return nasty_.make(kind, envelope, kBeginMs + 5);
  }

  EventIds ids_{1};
  Gzip gzip_;
  NastyRecords nasty_{1, ids_, gzip_};
};

TEST_F(SendNastyRecord, BrokenOnesAreDead) {
  for (const NastyKind kind : {NastyKind::corrupt_gzip, NastyKind::not_gzip, NastyKind::broken_json}) {
    const SentRecord record = make(kind);
    EXPECT_TRUE(record.dead);
    EXPECT_TRUE(record.envelopes.empty());
    EXPECT_FALSE(record.datum.empty());
  }
  Buffer out;
  Gunzip gunzip_;
  const std::string cut = make(NastyKind::corrupt_gzip).datum;
  EXPECT_TRUE(starts_gzip(cut));
  EXPECT_FALSE(gunzip_.run(cut, 1 << 20, out));
  EXPECT_FALSE(starts_gzip(make(NastyKind::not_gzip).datum));
  EXPECT_FALSE(nlohmann::json::accept(inflated(make(NastyKind::broken_json).datum)));
}

TEST_F(SendNastyRecord, TwoEnvelopesHaveIdsOfTheirOwn) {
  for (const NastyKind kind :
       {NastyKind::envelopes_by_newline, NastyKind::envelopes_joined, NastyKind::gzip_members}) {
    const SentRecord record = make(kind);
    ASSERT_EQ(record.envelopes.size(), 2u);
    std::set<std::string> ids;
    for (const auto& envelope : record.envelopes) {
      for (const auto& event : envelope.events) ids.insert(event.id);
    }
    EXPECT_EQ(ids.size(), 4u);
    const std::string json = inflated(record.datum);
    for (const std::string& id : ids) EXPECT_NE(json.find(id), std::string::npos);
    EXPECT_FALSE(nlohmann::json::accept(json));  // more than one document
  }
}

TEST_F(SendNastyRecord, BareTextHasTheRequestsTimeAndNothingElse) {
  const SentRecord record = make(NastyKind::bare_text);
  ASSERT_EQ(record.envelopes.size(), 1u);
  EXPECT_EQ(record.datum, "bare text: message\nbare text: message\n");
  const SentEvent& event = record.envelopes[0].events[1];
  EXPECT_EQ(event.id, "");
  EXPECT_EQ(event.timestamp_ms, kBeginMs + 5);
  EXPECT_EQ(event.message, "bare text: message");
  EXPECT_EQ(record.envelopes[0].log_group, "");
}

TEST_F(SendNastyRecord, OthersAreEnvelopesWithSomethingInThem) {
  EXPECT_TRUE(make(NastyKind::empty).datum.empty());
  EXPECT_TRUE(nlohmann::json::accept(make(NastyKind::decompressed).datum));
  EXPECT_EQ(nlohmann::json::parse(inflated(make(NastyKind::account_policy).datum))["policyLevel"],
            "ACCOUNT_LEVEL_POLICY");
  EXPECT_TRUE(nlohmann::json::parse(inflated(make(NastyKind::unknown_members).datum)).contains("ingestion"));
  EXPECT_EQ(make(NastyKind::huge_message).envelopes[0].events[0].message.size(), 1u << 20);
  EXPECT_NE(inflated(make(NastyKind::lone_surrogate).datum).find("\\ud83d, the other half: \\ude00"),
            std::string::npos);
  EXPECT_NE(inflated(make(NastyKind::nul_escape).datum).find("NUL: \\u0000"), std::string::npos);
  const SentRecord mixed = make(NastyKind::control_and_events);
  EXPECT_EQ(mixed.control_messages, 1u);
  EXPECT_NE(inflated(mixed.datum).find("CONTROL_MESSAGE"), std::string::npos);
}

TEST(SendDelivery, NastyFractionMeetsEveryKind) {
  SendOptions options = options_of(60);
  options.nasty = 1;
  options.acknowledged = "claims are made";
  const auto all = make_all(options);
  ASSERT_GE(all.size(), 1u);
  EXPECT_GE(all[0]->records, kNastyKinds);
  EXPECT_GE(all[0]->dead_letters, 3u);
  std::map<std::string, int> claims;
  std::istringstream lines(all[0]->claims);
  uint64_t events = 0;
  for (std::string line; std::getline(lines, line);) {
    const nlohmann::json claim = nlohmann::json::parse(line);
    EXPECT_EQ(claim.at("requestId"), all[0]->request_id);
    EXPECT_EQ(claim.at("sha256").get<std::string>().size(), 64u);
    events += claim.contains("dead") ? 0 : 1;
  }
  EXPECT_EQ(events, all[0]->events);
}

TEST(SendDelivery, ClaimsHoldTheDigestOfTheUnescapedMessage) {
  SendOptions options = options_of(1);
  options.acknowledged = "claims are made";
  FixedLines lines(1);
  DeliveryWriter writer(options, lines, 1);
  const auto delivery = writer.next(kBeginMs);
  const nlohmann::json claim = nlohmann::json::parse(delivery->claims);
  const nlohmann::json event =
      envelope_of(nlohmann::json::parse(delivery->body)["records"][0])["logEvents"][0];
  EXPECT_EQ(claim["sha256"], hex(sha256("line 1")));
  EXPECT_EQ(claim["id"], event["id"]);
  EXPECT_EQ(claim["timestamp"], event["timestamp"]);
  EXPECT_EQ(claim["requestId"], delivery->request_id);
}

}  // namespace
}  // namespace cistern

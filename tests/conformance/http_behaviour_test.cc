// What a connection does over time: what reaches the pipeline, early replies, senders of all kinds, drain.
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/conformance/http_fixture.h"

namespace cistern::test {
namespace {

INSTANTIATE_TEST_SUITE_P(Http, PlainOrTls, testing::Bool(),
                         [](const auto& each) { return each.param ? "Tls" : "Plain"; });

// ---- What reaches the pipeline

TEST(HttpDelivery, PipelineGetsWhatWasSent) {
  Edge edge;
  RawClient client(edge.port(), false);
  RequestText request;
  request.set("X-Amz-Firehose-Access-Key", "secret-new")
      .add("X-Amz-Firehose-Common-Attributes", R"({"commonAttributes":{"z":"1","a":"\u00e9"}})");
  request.body = document("id-1", R"([{"data":"aGVsbG8="},{"data":""},{"data":"\/\/\u002b\/"}])");
  client.send(request.text());
  ASSERT_TRUE(client.receive());
  auto seen = edge.intake.seen();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].key_name, "new");
  EXPECT_EQ(seen[0].source_arn, "arn:aws:firehose:us-east-1:123456789012:deliverystream/s");
  EXPECT_EQ(seen[0].request_ms, 1'600'000'000'000);
  EXPECT_EQ(seen[0].records, (std::vector<std::string>{"aGVsbG8=", "", "//+/"}));
  EXPECT_EQ(seen[0].attributes,
            (std::vector<std::pair<std::string, std::string>>{{"z", "1"}, {"a", "\xC3\xA9"}}));
}

// A number, in milliseconds, of our own clock: not the request's time, not a string, not seconds.
TEST(HttpDelivery, Trap04_TimestampIsANumberOfOurOwnMilliseconds) {
  Edge edge;
  RawClient client(edge.port(), false);
  RequestText accepted_one = delivery();
  accepted_one.body = R"({"requestId":"id-1","timestamp":1111111111111,"records":[]})";
  RequestText refused_one = accepted_one;
  refused_one.body += "x";
  for (const RequestText& request : {accepted_one, refused_one}) {
    client.send(request.text());
    auto reply = client.receive();
    ASSERT_TRUE(reply);
    auto timestamp = nlohmann::json::parse(reply->body)["timestamp"];
    EXPECT_TRUE(timestamp.is_number_integer()) << reply->body;
    EXPECT_EQ(timestamp, kNowMs);
  }
}

// One record that is wrong for good must not hold up all others for the retry duration.
TEST(HttpDelivery, Trap07_WhatIsInTheRecordsIsNotTheEdgesBusiness) {
  Edge edge;
  RawClient client(edge.port(), false);
  RequestText request;
  request.body = document("id-1", R"([{"data":"AAECAw=="},{"data":"H4sI"},{"data":""}])");
  client.send(request.text());
  EXPECT_EQ(client.receive()->body, accepted());
}

TEST(HttpDelivery, Trap06_NoAnswerBeforeThePipelineSaysDurable) {
  Edge edge;
  edge.intake.hold();
  RawClient client(edge.port(), false);
  client.send(delivery().text() + "GET /livez HTTP/1.1\r\nHost: h\r\n\r\n");
  edge.intake.wait_for(1);
  EXPECT_EQ(edge.metrics.deliveries.of("200").Value(), 0);
  EXPECT_GT(edge.metrics.in_flight_bytes.Value(), 0);
  edge.intake.release();
  EXPECT_EQ(client.receive()->body, accepted());
  EXPECT_EQ(client.receive()->body, R"({"live":true})");
  EXPECT_EQ(edge.metrics.deliveries.of("200").Value(), 1);
  EXPECT_EQ(edge.metrics.in_flight_bytes.Value(), 0);
}

TEST(HttpDelivery, PipelineErrorsBecomeStatuses) {
  Edge edge;
  struct {
    Error error;
    int status;
  } cases[] = {{invalid("record 3 is not base64"), 400},
               {busy("the journal is full"), 503},
               {retry("try again"), 503},
               {fatal("the journal failed"), 503}};
  for (const auto& each : cases) {
    edge.intake.answer_with(each.error);
    RawClient client(edge.port(), false);
    client.send(delivery().text());
    auto reply = client.receive();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, each.status);
    EXPECT_EQ(reply->body, refused(each.error.what));
  }
}

TEST(HttpDelivery, NotReadyIsRefusedBeforeTheBody) {
  Edge edge;
  edge.intake.be_ready(busy("the journal is at its limit"));
  RawClient client(edge.port(), false);
  client.send(announcing(1000));
  EXPECT_EQ(client.receive()->body, refused("the journal is at its limit"));
  RawClient balancer(edge.port(), false);
  balancer.send("GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n");
  auto reply = balancer.receive();
  EXPECT_EQ(reply->status, 503);
  EXPECT_EQ(reply->body, R"({"ready":false,"reasons":["journal: the journal is at its limit"]})");
}

TEST(HttpDelivery, KeysChangeWithoutARestart) {
  Edge edge;
  RawClient client(edge.port(), false);
  RequestText request = delivery().set("X-Amz-Firehose-Access-Key", "third");
  edge.keys.set(std::make_shared<AccessKeys>(AccessKeys::make({{"t", "third"}}).value()));
  client.send(request.text());
  EXPECT_EQ(client.receive()->status, 200);
  client.send(delivery().text());
  EXPECT_EQ(client.receive()->status, 401);
}

TEST(HttpDelivery, AccessKeysNoneLetsEverybodyIn) {
  EdgeOptions options;
  options.keys.clear();
  Edge edge(options);
  RawClient client(edge.port(), false);
  client.send(delivery().drop("X-Amz-Firehose-Access-Key").text());
  EXPECT_EQ(client.receive()->status, 200);
}

TEST(HttpDelivery, Trap11_KeyOf4096BytesOfAnyCharacters) {
  std::string key = R"({"jwt":"a.b-c_d==", "list": [1,2], "latin": ")" + std::string("\xE9\x01\x7F") + "\"}";
  key += std::string(4096 - key.size(), '~');
  EdgeOptions options;
  options.keys = {{"long", key}};
  Edge edge(options);
  RawClient client(edge.port(), false);
  client.send(delivery().set("X-Amz-Firehose-Access-Key", key).text());
  EXPECT_EQ(client.receive()->status, 200);
}

// ---- Senders of all kinds

TEST_P(PlainOrTls, TwoPipelinedRequests) {
  Edge edge(options());
  RawClient client(edge.port(), GetParam());
  RequestText second;
  second.set("X-Amz-Firehose-Request-Id", "id-2").body = document("id-2");
  client.send(delivery().text() + second.text());
  EXPECT_EQ(client.receive()->body, accepted("id-1"));
  EXPECT_EQ(client.receive()->body, accepted("id-2"));
}

TEST_P(PlainOrTls, OneByteAtATime) {
  Edge edge(options());
  RawClient client(edge.port(), GetParam());
  for (char byte : delivery().text()) ASSERT_TRUE(client.send({&byte, 1}));
  EXPECT_EQ(client.receive()->body, accepted());
  RequestText chunked = delivery().add("Transfer-Encoding", "chunked");
  chunked.with_length = false;
  chunked.body = "10\r\n" + document("id-1").substr(0, 16) + "\r\n";
  for (char byte : document("id-1").substr(16)) chunked.body += std::string("1;x\r\n") + byte + "\r\n";
  for (char byte : chunked.text() + "0\r\n\r\n") ASSERT_TRUE(client.send({&byte, 1}));
  EXPECT_EQ(client.receive()->body, accepted());
}

TEST_P(PlainOrTls, EarlyCloseAtEveryByte) {
  Edge edge(options());
  RequestText request = delivery();
  request.body += "    ";  // so that what comes before its last bytes is a whole document
  const std::string text = request.text();
  for (size_t size = 0; size < text.size(); ++size) {
    RawClient client(edge.port(), GetParam());
    ASSERT_TRUE(client.send(text.substr(0, size)));
    client.close();
  }
  expect_serves(edge, GetParam());
  EXPECT_EQ(edge.intake.seen().size(), 1u);
}

TEST(HttpExpect, ContinueComesOnceTheHeadIsAccepted) {
  Edge edge;
  RawClient client(edge.port(), false);
  std::string body = document("id-1");
  client.send(announcing(body.size(), delivery().add("Expect", "100-continue")));
  EXPECT_EQ(client.receive()->head, "HTTP/1.1 100 Continue\r\n\r\n");
  client.send(body);
  EXPECT_EQ(client.receive()->body, accepted());
}

TEST(HttpExpect, NoContinueForARefusedHead) {
  Edge edge;
  RawClient client(edge.port(), false);
  client.send(announcing(100, delivery().drop("X-Amz-Firehose-Access-Key").add("Expect", "100-continue")));
  EXPECT_EQ(client.receive()->status, 401);
  EXPECT_TRUE(client.at_end());
}

// The sender writes all of it before it reads: the reply must survive the bytes that nobody wanted.
TEST_P(PlainOrTls, ReplyBeforeAnUnreadBodyArrives) {
  Edge edge(options());
  std::string body(10 << 20, 'x');
  RawClient client(edge.port(), GetParam());
  client.send(announcing(body.size(), delivery().drop("X-Amz-Firehose-Access-Key")));
  EXPECT_TRUE(client.send(body)) << "the server closed before it drained the body";
  auto reply = client.receive();
  ASSERT_TRUE(reply) << "the reply was lost";
  EXPECT_EQ(reply->status, 401);
  EXPECT_TRUE(client.at_end()) << "reset";
}

TEST_P(PlainOrTls, DrainOfAnUnreadBodyIsBounded) {
  EdgeOptions bounded = options();
  bounded.server.drain_bytes = 1 << 20;
  Edge edge(bounded);
  std::string body(64 << 20, 'x');
  RawClient client(edge.port(), GetParam());
  client.send(announcing(body.size(), delivery().drop("X-Amz-Firehose-Access-Key")));
  EXPECT_FALSE(client.send(body));
  expect_serves(edge, GetParam());
}

TEST(HttpOps, HeadHasNoBody) {
  Edge edge;
  RawClient client(edge.port(), false);
  client.send("HEAD /livez HTTP/1.1\r\nHost: h\r\n\r\nGET /readyz HTTP/1.1\r\nHost: h\r\n\r\n");
  auto reply = client.receive(true);
  ASSERT_TRUE(reply);
  EXPECT_TRUE(reply->has("\r\nContent-Length: 13\r\n"));
  EXPECT_EQ(client.receive()->body, R"({"ready":true})");
}

TEST(HttpOps, MetricsTellWhatHappened) {
  Edge edge;
  expect_serves(edge);
  RawClient client(edge.port(), false);
  client.send(delivery().drop("X-Amz-Firehose-Access-Key").text());
  ASSERT_TRUE(client.receive());
  const std::string& page = edge.metrics_page();
  for (const char* line :
       {"cistern_deliveries_total{status=\"200\"} 1", "cistern_deliveries_total{status=\"401\"} 1",
        "cistern_accepted_deliveries_total{key=\"old\"} 1", "cistern_in_flight_bytes 0",
        "cistern_acknowledge_seconds_count 1", "cistern_receive_seconds_count 1"})
    EXPECT_NE(page.find(std::string(line) + "\n"), page.npos) << line << "\n" << page;
  EXPECT_EQ(page.find("secret"), page.npos);
}

// ---- Drain

TEST_P(PlainOrTls, DrainFinishesWhatIsUnderWay) {
  Edge edge(options());
  edge.intake.hold();
  RawClient idle(edge.port(), GetParam());
  idle.send("GET /livez HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(idle.receive());
  RawClient busy_one(edge.port(), GetParam());
  busy_one.send(delivery().text());
  edge.intake.wait_for(1);
  edge.server().stop_accepting([] {});
  EXPECT_TRUE(idle.at_end());
  edge.intake.release();
  auto reply = busy_one.receive();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, accepted());
  EXPECT_TRUE(reply->has("\r\nConnection: close\r\n"));
  EXPECT_TRUE(busy_one.at_end());
}

}  // namespace
}  // namespace cistern::test

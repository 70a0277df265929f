// What is over a limit or too slow: a busy answer that keeps the data with the sender, never 413.
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/conformance/http_fixture.h"

namespace cistern::test {
namespace {

class LimitsPlainOrTls : public PlainOrTls {};
INSTANTIATE_TEST_SUITE_P(Http, LimitsPlainOrTls, testing::Bool(),
                         [](const auto& each) { return each.param ? "Tls" : "Plain"; });

// ---- Limits: 503, never 413

TEST(HttpLimits, Trap02_BodyOverTheLimitIs503BeforeTheBody) {
  EdgeOptions options;
  options.limits.body_bytes = 1000;
  Edge edge(options);
  RawClient client(edge.port(), false);
  client.send(announcing(1001));
  auto reply = client.receive();
  EXPECT_EQ(reply->status, 503);
  EXPECT_EQ(reply->body,
            refused("The body is over the limit of 1000 bytes. Lower the buffer size of the Firehose "
                    "destination, or raise limits.body_bytes."));
  EXPECT_TRUE(client.at_end());
}

TEST(HttpLimits, Trap02_ChunkedBodyOverTheLimitIs503) {
  EdgeOptions options;
  options.limits.body_bytes = 100'000;
  Edge edge(options);
  RawClient client(edge.port(), false);
  RequestText request = delivery().add("Transfer-Encoding", "chunked");
  request.with_length = false;
  request.body = "30d40\r\n" + std::string(200'000, ' ') + "\r\n0\r\n\r\n";
  client.send(request.text());
  EXPECT_EQ(client.receive()->status, 503);
  EXPECT_TRUE(client.at_end());
}

TEST(HttpLimits, Trap18_GzipBombIs503) {
  EdgeOptions options;
  options.limits.inflated_body_bytes = 1 << 20;
  Edge edge(options);
  RawClient client(edge.port(), false);
  RequestText request;
  request.body = gzip(std::string(50 << 20, ' '));
  client.send(request.add("Content-Encoding", "gzip").text());
  EXPECT_EQ(client.receive()->status, 503);
  EXPECT_EQ(edge.intake.seen().size(), 0u);
  EXPECT_EQ(edge.metrics.in_flight_bytes.Value(), 0);
}

TEST(HttpLimits, BrokenGzipIs400) {
  Edge edge;
  std::string whole = gzip(document("id-1"));
  for (const std::string& broken :
       {whole.substr(0, whole.size() - 1), document("id-1"), std::string("\x1f\x8b")}) {
    RawClient client(edge.port(), false);
    RequestText request;
    request.body = broken;
    client.send(request.add("Content-Encoding", "gzip").text());
    EXPECT_EQ(client.receive()->status, 400);
  }
  EXPECT_EQ(edge.intake.seen().size(), 0u);
}

TEST(HttpLimits, TooManyRecordsIs503) {
  EdgeOptions options;
  options.limits.records = 2;
  Edge edge(options);
  RawClient client(edge.port(), false);
  RequestText request;
  request.body = document("id-1", R"([{"data":""},{"data":""},{"data":""}])");
  client.send(request.text());
  EXPECT_EQ(client.receive()->status, 503);
}

TEST(HttpLimits, InFlightBytesAreABudgetOfAll) {
  EdgeOptions options;
  options.limits.in_flight_bytes = 6000;
  Edge edge(options);
  RawClient first(edge.port(), false);
  first.send(announcing(2000, delivery().add("Expect", "100-continue")));
  EXPECT_EQ(first.receive()->status, 100);
  RawClient second(edge.port(), false);
  second.send(announcing(2000));
  EXPECT_EQ(second.receive()->body, refused("Too many bytes are in flight here. Send again later; "
                                            "limits.in_flight_bytes sets the bound."));
  first.close();
  for (int i = 0; i < 2000 && edge.metrics.in_flight_bytes.Value() > 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  expect_serves(edge);
}

TEST(HttpLimits, Trap09_HeadOverTheLimitIs503AndEchoesTheId) {
  EdgeOptions options;
  options.server.header_bytes = 4096;
  Edge edge(options);
  RawClient client(edge.port(), false);
  client.send(delivery().add("X-Long", std::string(5000, 'x')).text());
  auto reply = client.receive();
  EXPECT_EQ(reply->status, 503);
  EXPECT_EQ(reply->body, refused("The request's head is over the limit of 4096 bytes. Configure fewer common "
                                 "attributes, or raise limits.header_bytes."));
  EXPECT_TRUE(client.at_end());
}

TEST_P(LimitsPlainOrTls, ConnectionsOverTheLimitAreAnsweredBusy) {
  EdgeOptions limited = options();
  limited.server.connections = 1;
  Edge edge(limited);
  RawClient first(edge.port(), GetParam());
  first.send(delivery().text());
  ASSERT_TRUE(first.receive());
  RawClient second(edge.port(), GetParam());
  second.send(delivery().text());
  EXPECT_EQ(second.receive()->body, refused("Too many connections are open here. Send again later; "
                                            "limits.connections sets the bound."));
  EXPECT_TRUE(second.at_end());
  first.send(delivery().text());
  EXPECT_EQ(first.receive()->status, 200);
}

TEST(HttpLimits, ConnectionsFarOverTheLimitAreClosed) {
  EdgeOptions options;
  options.server.connections = 1;
  Edge edge(options);
  RawClient first(edge.port(), false);
  first.send(delivery().text());
  ASSERT_TRUE(first.receive());
  std::vector<std::unique_ptr<RawClient>> clients;
  clients.reserve(20);
  for (int i = 0; i < 20; ++i) clients.push_back(std::make_unique<RawClient>(edge.port(), false));
  EXPECT_TRUE(clients.back()->at_end());
  EXPECT_LE(edge.metrics.connections.Value(), 9);
}

TEST_P(LimitsPlainOrTls, TheOldestWithoutARightKeyMakesRoom) {
  EdgeOptions limited = options();
  limited.server.connections = 3;
  Edge edge(limited);
  RawClient real(edge.port(), GetParam());
  real.send(delivery().text());
  ASSERT_TRUE(real.receive());
  RawClient wrong_key(edge.port(), GetParam());
  wrong_key.send("POST /firehose HTTP/1.1\r\nX-Amz-Firehose-Access-Key: gue");
  RawClient silent(edge.port(), GetParam());
  RawClient other(edge.port(), GetParam());
  other.send(delivery().text());
  EXPECT_EQ(other.receive().value_or(WireReply()).status, 200);
  EXPECT_FALSE(wrong_key.receive());
  RawClient third(edge.port(), GetParam());
  third.send(delivery().text());
  EXPECT_EQ(third.receive().value_or(WireReply()).status, 200);
  EXPECT_FALSE(silent.receive());
  EXPECT_EQ(edge.metrics.connections_total.of("dropped_stranger").Value(), 2);
  for (RawClient* each : {&real, &other, &third}) {
    each->send(delivery().text());
    EXPECT_EQ(each->receive().value_or(WireReply()).status, 200);
  }
  RawClient fourth(edge.port(), GetParam());  // nobody is left who would have to go
  fourth.send(delivery().text());
  EXPECT_EQ(fourth.receive().value_or(WireReply()).status, 503);
}

TEST(HttpLimits, Trap21_IdleTimeIsLongerThanABalancers) { EXPECT_GT(ServerConfig().idle_timeout_ms, 60'000); }

// ---- Time

TEST_P(LimitsPlainOrTls, IdleConnectionIsEnded) {
  EdgeOptions quick = options();
  quick.server.idle_timeout_ms = 50;
  Edge edge(quick);
  RawClient client(edge.port(), GetParam());
  client.send(delivery().text());
  ASSERT_TRUE(client.receive());
  EXPECT_TRUE(client.at_end());
}

TEST(HttpTime, SlowHeadIsAnswered) {
  EdgeOptions options;
  options.server.header_timeout_ms = 50;
  Edge edge(options);
  RawClient client(edge.port(), false);
  client.send("POST / HTTP/1.1\r\nX-Amz-Firehose-Request-Id: id-1\r\nHo");
  auto reply = client.receive();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 503);
  EXPECT_EQ(reply->body, refused("The request's head did not arrive in time. Send again."));
}

TEST_P(LimitsPlainOrTls, StalledBodyIsAnswered) {
  EdgeOptions quick = options();
  quick.server.progress_timeout_ms = 50;
  Edge edge(quick);
  RawClient client(edge.port(), GetParam());
  client.send(announcing(1000) + "some of it");
  auto reply = client.receive();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, refused("The body's bytes came too slowly. Send again."));
  EXPECT_TRUE(client.at_end());
}

TEST(HttpTime, SilentHandshakeIsEnded) {
  EdgeOptions options = over_tls();
  options.server.handshake_timeout_ms = 50;
  Edge edge(options);
  RawClient client(edge.port(), false);
  EXPECT_TRUE(client.at_end());
  EXPECT_EQ(edge.metrics.connections_total.of("tls_failed").Value(), 1);
}

TEST(HttpTime, LateVerdictIsBusyAndDroppedLater) {
  EdgeOptions options;
  options.server.reply_timeout_ms = 50;
  Edge edge(options);
  edge.intake.hold();
  RawClient client(edge.port(), false);
  client.send(delivery().text());
  auto reply = client.receive();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 503);
  EXPECT_EQ(reply->body, refused("The delivery could not be made durable in time. Send again."));
  EXPECT_GT(edge.metrics.in_flight_bytes.Value(), 0) << "the pipeline still holds it";
  edge.intake.release();
  client.send(delivery().text());
  EXPECT_EQ(client.receive()->body, accepted());
  EXPECT_EQ(edge.metrics.deliveries.of("503").Value(), 1);
  EXPECT_EQ(edge.metrics.deliveries.of("200").Value(), 1);
  EXPECT_EQ(edge.metrics.in_flight_bytes.Value(), 0);
}

}  // namespace
}  // namespace cistern::test

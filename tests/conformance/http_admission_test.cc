// Who is let in, and with how much: the budget of bytes in flight, quotas and shares of access keys, and that
// wrong keys are answered ever later.
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/conformance/http_fixture.h"

namespace cistern::test {
namespace {

void eventually(const std::function<bool()>& holds) {
  for (int i = 0; i < 5000 && !holds(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  EXPECT_TRUE(holds());
}

RequestText gzip_delivery(std::string body) {
  RequestText request;
  request.body = std::move(body);
  return request.add("Content-Encoding", "gzip");
}

// ---- The lease for what a gzip body inflates to is taken first

TEST(HttpAdmission, AGzipBodyIsRefusedBeforeItIsInflated) {
  EdgeOptions options;
  options.limits.in_flight_bytes = 100'000;
  Edge edge(options);
  // Damaged: inflating it would be told as 400. Its trailer still says what it inflates to.
  std::string packed = gzip(std::string(200'000, ' '));
  packed[packed.size() / 2] ^= 0x55;
  RawClient client(edge.port(), false);
  client.send(gzip_delivery(packed).text());
  auto reply = client.receive();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 503) << reply->body;
  eventually([&] { return edge.metrics.in_flight_bytes.Value() == 0; });
}

TEST(HttpAdmission, GzipMembersTakeTheirLeaseOneByOne) {
  EdgeOptions options;
  options.limits.in_flight_bytes = 100'000;
  Edge edge(options);
  std::string members;
  for (int i = 0; i < 20; ++i) members += gzip(std::string(10'000, ' '));
  RawClient client(edge.port(), false);
  client.send(gzip_delivery(members).text());
  EXPECT_EQ(client.receive()->status, 503);
  EXPECT_EQ(edge.intake.seen().size(), 0u);
  eventually([&] { return edge.metrics.in_flight_bytes.Value() == 0; });
}

TEST(HttpAdmission, AnInflatedBodyIsHeldForAsWhatItIs) {
  Edge edge;
  edge.intake.hold();
  std::string body = document("id-1") + std::string(50'000, ' ');
  RawClient client(edge.port(), false);
  client.send(gzip_delivery(gzip(body)).text());
  edge.intake.wait_for(1);
  EXPECT_EQ(edge.metrics.in_flight_bytes.Value(), 2.0 * static_cast<double>(body.size()));
  edge.intake.release();
  EXPECT_EQ(client.receive()->status, 200);
  EXPECT_EQ(edge.metrics.in_flight_bytes.Value(), 0);
}

TEST(HttpAdmission, ABodyOfNothingButStructureHasToHaveRoomForIt) {
  EdgeOptions options;
  options.limits.in_flight_bytes = 600'000;
  Edge edge(options);
  std::string zeros = "0";
  while (zeros.size() < 200'000) zeros += ",0";
  RawClient client(edge.port(), false);
  RequestText request;
  request.body = R"({"requestId":"id-1","x":[)" + zeros + R"(],"records":[]})";
  client.send(request.text());
  EXPECT_EQ(client.receive()->status, 503);
  request.body = R"({"requestId":"id-1","x":")" + std::string(200'000, ',') + R"(","records":[]})";
  RawClient other(edge.port(), false);
  other.send(request.text());
  EXPECT_EQ(other.receive()->status, 200);
}

// ---- Quotas and shares

// Connections whose deliveries have room, and whose bodies are yet to come.
class Holding {
 public:
  Holding(Edge& edge, std::string key, uint64_t body_bytes)
      : edge_(edge), key_(std::move(key)), body_bytes_(body_bytes) {}
  WireReply one_more() {
    clients_.push_back(std::make_unique<RawClient>(edge_.port(), false));
    auto head = delivery().set("X-Amz-Firehose-Access-Key", key_).add("Expect", "100-continue");
    clients_.back()->send(announcing(body_bytes_, head));
    return clients_.back()->receive().value_or(WireReply());
  }
  void drop_one() {
    const double before = edge_.metrics.in_flight_bytes.Value();
    clients_.erase(clients_.begin());
    eventually([&] { return edge_.metrics.in_flight_bytes.Value() < before; });
  }

 private:
  Edge& edge_;
  const std::string key_;
  const uint64_t body_bytes_;
  std::vector<std::unique_ptr<RawClient>> clients_;
};

TEST(HttpAdmission, OverAKeysQuotaIs429AndOverTheServicesIs503) {
  EdgeOptions options;
  options.limits.in_flight_bytes = 10'000;
  options.keys = {{"small", "secret-small", 4'000}, {"other", "secret-other"}};
  Edge edge(options);
  Holding small(edge, "secret-small", 1'000), other(edge, "secret-other", 1'000);
  EXPECT_EQ(small.one_more().status, 100);
  EXPECT_EQ(small.one_more().status, 100);
  auto over_quota = small.one_more();
  EXPECT_EQ(over_quota.status, 429);
  EXPECT_EQ(over_quota.body,
            refused("This access key's own quota of 4000 bytes in flight is reached. Send again later; "
                    "access_keys[].in_flight_bytes sets it."));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(other.one_more().status, 100);
  auto over_budget = other.one_more();
  EXPECT_EQ(over_budget.status, 503);
  EXPECT_EQ(over_budget.body, refused("Too many bytes are in flight here. Send again later; "
                                      "limits.in_flight_bytes sets the bound."));
  EXPECT_EQ(edge.metrics.deliveries.of("429").Value(), 1);
  small.drop_one();
  EXPECT_EQ(small.one_more().status, 100);
}

TEST(HttpAdmission, OneStreamDoesNotStarveAnother) {
  EdgeOptions options;
  options.limits.in_flight_bytes = 10'000;
  Edge edge(options);
  Holding greedy(edge, "secret-old", 1'000), modest(edge, "secret-new", 1'000);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(greedy.one_more().status, 100);
  EXPECT_EQ(modest.one_more().status, 503);
  greedy.drop_one();
  auto refusal = greedy.one_more();
  EXPECT_EQ(refusal.status, 503);
  EXPECT_EQ(refusal.body,
            refused("Other access keys wait, and this one has its share of the bytes in flight. Send again "
                    "later; limits.in_flight_bytes sets the bound."));
  EXPECT_EQ(modest.one_more().status, 100) << "the room was kept for the one that waited";
}

// ---- Long heads

TEST(HttpAdmission, LongHeadsAreABudgetOfAll) {
  EdgeOptions options;
  options.limits.long_head_bytes = 100'000;
  Edge edge(options);
  std::string long_head = delivery().add("X-Long", std::string(40'000, 'x')).text();
  const auto others_are_refused = [&] {
    RawClient other(edge.port(), false);
    other.send(long_head);
    const auto reply = other.receive();
    return reply &&
           reply->body == refused("Too many long request heads are under way here. Send again later.");
  };
  // While the first's bytes are being read, another may come before it; then it is the first that is refused.
  const auto first_holds_the_budget = [&] {
    RawClient first(edge.port(), false);
    first.send(long_head.substr(0, 40'000));
    bool holds = false;
    for (int i = 0; i < 100 && !holds; ++i) holds = others_are_refused();
    expect_serves(edge);
    first.send(long_head.substr(40'000));
    const auto reply = first.receive();
    return holds && reply && reply->body == accepted();
  };
  bool once = false;
  for (int i = 0; i < 100 && !once; ++i) once = first_holds_the_budget();
  EXPECT_TRUE(once);
}

// ---- Counting and guessing

TEST(HttpAdmission, EveryRefusalIsCountedByItsStatus) {
  Edge edge;
  auto send = [&](const std::string& text) {
    RawClient client(edge.port(), false);
    client.send(text);
    return client.receive().value_or(WireReply()).status;
  };
  RequestText nowhere = delivery();
  nowhere.line = "POST /nowhere HTTP/1.1";
  EXPECT_EQ(send(nowhere.text()), 404);
  EXPECT_EQ(send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), 405);
  EXPECT_EQ(send("POST / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(send(delivery().drop("X-Amz-Firehose-Access-Key").text()), 401);
  EXPECT_EQ(send("GET /livez HTTP/1.1\r\nHost: h\r\n\r\n"), 200);
  for (const char* status : {"404", "405", "400", "401"})
    EXPECT_EQ(edge.metrics.deliveries.of(status).Value(), 1) << status;
  EXPECT_EQ(edge.metrics.deliveries.of("200").Value(), 0) << "a health check is no delivery";
}

TEST(HttpAdmission, AWrongKeyCostsTheConnectionAndARightOneNothing) {
  Edge edge;
  for (int i = 0; i < 5; ++i) {
    RawClient guess(edge.port(), false);
    RequestText request = delivery().set("X-Amz-Firehose-Access-Key", "guess");
    request.body = "";
    guess.send(request.text());
    EXPECT_EQ(guess.receive()->status, 401);
    EXPECT_TRUE(guess.at_end());
    expect_serves(edge);
  }
}

TEST(HttpAdmission, ADrainDoesNotWaitForGuesses) {
  auto edge = std::make_unique<Edge>();
  std::vector<std::unique_ptr<RawClient>> guesses;
  for (int i = 0; i < 40; ++i) {
    guesses.push_back(std::make_unique<RawClient>(edge->port(), false));
    guesses.back()->send(delivery().set("X-Amz-Firehose-Access-Key", "guess").text());
  }
  eventually([&] { return edge->metrics.deliveries.of("401").Value() == 40; });
  edge->server().stop_accepting([] {});
  for (auto& guess : guesses) EXPECT_EQ(guess->receive()->status, 401);
  guesses.clear();
}

}  // namespace
}  // namespace cistern::test

// How answers are judged and how deliveries are tried again, on virtual time.
#include <cstdio>
#include <fstream>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>

#include "server/send/back_off.h"
#include "server/send/sender.h"
#include "tests/temporary_folder.h"

namespace cistern {
namespace {

namespace asio = boost::asio;

constexpr char kRequestId[] = "ed4acda5-034f-9f42-bba1-f29aea6d7d8f";

HttpResponse answer_of(unsigned status, std::string body, std::string type = "application/json") {
  HttpResponse answer;
  answer.status = status;
  answer.headers = {{"content-type", std::move(type)}, {"Content-Length", std::to_string(body.size())}};
  answer.body = std::move(body);
  return answer;
}

HttpResponse good_answer(const std::string& id = kRequestId) {
  return answer_of(200, R"({"requestId":")" + id + R"(","timestamp":1700000000000})");
}

Verdict judge(HttpResponse answer) {
  return judge_answer(Result<HttpResponse>(std::move(answer)), kRequestId);
}

TEST(SendAnswer, OnlyAnExactAnswerIsDelivered) {
  EXPECT_EQ(judge(good_answer()).outcome, Verdict::Outcome::delivered);
  const std::string id = std::string(R"("requestId":")") + kRequestId + '"';
  const std::pair<std::string, std::string> bad[] = {
      {"", "not JSON"},
      {"{}", "no string 'requestId'"},
      {"[]", "not a JSON object"},
      {R"({"requestId":null,"timestamp":1})", "no string 'requestId'"},
      {R"({"requestId":"other","timestamp":1})", "not the request's"},
      {"{" + id + "}", "no 'timestamp'"},
      {"{" + id + R"(,"timestamp":"1700000000000"})", "not a JSON integer"},
      {"{" + id + R"(,"timestamp":1,"status":"ok"})", "unexpected member 'status'"},
      {"{" + id + R"(,"timestamp":1,"errorMessage":7})", "errorMessage"},
  };
  for (const auto& [body, why] : bad) {
    const Verdict verdict = judge(answer_of(200, body));
    EXPECT_EQ(verdict.outcome, Verdict::Outcome::retry) << body;
    EXPECT_NE(verdict.why.find(why), std::string::npos) << verdict.why;
  }
}

TEST(SendAnswer, HeadersCount) {
  EXPECT_NE(judge(answer_of(200, good_answer().body, "text/plain")).why.find("Content-Type"),
            std::string::npos);
  HttpResponse encoded = good_answer();
  encoded.headers.emplace_back("Content-Encoding", "gzip");
  EXPECT_EQ(judge(encoded).outcome, Verdict::Outcome::retry);
  HttpResponse chunked = good_answer();
  chunked.headers.pop_back();
  EXPECT_NE(judge(chunked).why.find("Content-Length"), std::string::npos);
}

TEST(SendAnswer, EveryOtherStatusIsTriedAgainBut413) {
  for (const unsigned status : {201u, 204u, 301u, 400u, 401u, 403u, 404u, 429u, 500u, 503u}) {
    EXPECT_EQ(judge(answer_of(status, good_answer().body)).outcome, Verdict::Outcome::retry) << status;
  }
  EXPECT_EQ(judge(answer_of(413, "")).outcome, Verdict::Outcome::permanent);
  EXPECT_EQ(judge_answer(retry("connection refused"), kRequestId).outcome, Verdict::Outcome::retry);
}

TEST(SendAnswer, ReasonsArePrintable) {
  const std::string body =
      std::string(R"({"requestId":")") + kRequestId + R"(","timestamp":1,"errorMessage":"no\u001b[31m"})";
  EXPECT_EQ(judge(answer_of(503, body)).why, "status 503: no?[31m");
}

std::vector<int64_t> waits_of(int64_t duration_ms, double scale = 1) {
  SendRng rng(3);
  BackOff back_off(duration_ms, scale, rng);
  std::vector<int64_t> waits;
  while (const auto wait = back_off.next_ms()) waits.push_back(*wait);
  return waits;
}

TEST(SendBackOff, DoublesWithJitterUpToTheCap) {
  const auto waits = waits_of(7'200'000);
  EXPECT_NEAR(static_cast<double>(waits.size()), 66, 3);
  double base = 1000;
  for (const int64_t wait : waits) {
    EXPECT_GE(static_cast<double>(wait), std::min(base * 0.85, 102'000.0) - 1);
    EXPECT_LE(static_cast<double>(wait), std::min(base * 1.15, 120'000.0));
    base *= 2;
  }
}

TEST(SendBackOff, EndsWithItsDuration) {
  EXPECT_EQ(waits_of(300'000).size(), 8u);
  EXPECT_TRUE(waits_of(0).empty());
  EXPECT_EQ(waits_of(300'000, 0.01).size(), 8u);
  EXPECT_LT(waits_of(300'000, 0.01).back(), 1500);
}

// Time passes only when everything waits for it.
class VirtualClock : public Clock {
 public:
  explicit VirtualClock(asio::io_context& io) : io_(io) {}
  int64_t wall_ms() const override { return 1'700'000'000'000 + now_ms_; }
  int64_t steady_ns() const override { return now_ms_ * 1'000'000; }
  void after_ms(int64_t delay_ms, std::function<void()> then) override {
    timers_.emplace(now_ms_ + delay_ms, std::move(then));
  }
  void run() {
    for (;;) {
      io_.restart();
      io_.poll();  // run() would wait for suspended coroutines
      if (timers_.empty()) return;
      auto timer = timers_.extract(timers_.begin());
      now_ms_ = timer.key();
      asio::post(io_, std::move(timer.mapped()));
    }
  }

 private:
  asio::io_context& io_;
  std::multimap<int64_t, std::function<void()>> timers_;
  int64_t now_ms_ = 0;
};

// A sender over a scripted peer.
class SenderTest : public testing::Test {
 protected:
  struct Try {
    std::string request_id;
    std::string body;
    int64_t at_ms;
  };

  SenderTest() {
    options_.connections = 1;
    options_.seed = 1;
  }

  void add_delivery(const std::string& id, uint64_t repeat = 0) {
    auto delivery = std::make_shared<SendDelivery>();
    delivery->request_id = id;
    delivery->body = "body of " + id;
    delivery->claims = "claims of " + id + "\n";
    delivery->events = 10;
    delivery->repeat = repeat;
    deliveries_.push_back(delivery);
  }

  // `script` answers the n-th try (from 0).
  bool run(std::function<Result<HttpResponse>(size_t)> script) {
    auto next = [this]() -> asio::awaitable<Sender::Delivery> {
      if (next_ == deliveries_.size()) co_return nullptr;
      co_return deliveries_[next_++];
    };
    auto post = [this, script](Sender::Delivery delivery) -> asio::awaitable<Result<HttpResponse>> {
      tries_.push_back({delivery->request_id, delivery->body, clock_.steady_ms()});
      co_return script(tries_.size() - 1);
    };
    auto file = AcknowledgedFile::open(path_);
    Sender sender(options_, {io_.get_executor(), clock_, next, post, report_, file.value().get()});
    bool done = false;
    sender.start([&] { done = true; });
    clock_.run();
    return done;
  }

  std::string file() const {
    std::ifstream in(path_);
    return std::string(std::istreambuf_iterator<char>(in), {});
  }
  nlohmann::json report() const { return nlohmann::json::parse(report_.json(1)); }

  SendOptions options_;
  asio::io_context io_;
  VirtualClock clock_{io_};
  SendReport report_;
  std::vector<Sender::Delivery> deliveries_;
  size_t next_ = 0;
  std::vector<Try> tries_;
  TemporaryFolder folder_;
  const std::string path_ = folder_ / "acknowledged";
};

TEST_F(SenderTest, RetriesAreTheSameBytesUnderTheSameId) {
  add_delivery(kRequestId);
  ASSERT_TRUE(run([](size_t n) -> Result<HttpResponse> {
    if (n == 0) return retry("connection refused");
    if (n == 1) return answer_of(503, "");
    return good_answer();
  }));
  ASSERT_EQ(tries_.size(), 3u);
  for (const Try& each : tries_) {
    EXPECT_EQ(each.request_id, kRequestId);
    EXPECT_EQ(each.body, std::string("body of ") + kRequestId);
  }
  EXPECT_GE(tries_[1].at_ms, 850);
  EXPECT_LE(tries_[1].at_ms, 1150);
  EXPECT_GE(tries_[2].at_ms - tries_[1].at_ms, 1700);
  EXPECT_LE(tries_[2].at_ms - tries_[1].at_ms, 2300);
  EXPECT_TRUE(report_.all_acknowledged());
  EXPECT_EQ(report()["retried"], 2);
  EXPECT_EQ(report()["acknowledgedEvents"], 10);
}

TEST_F(SenderTest, GivesUpAfterTheRetryDuration) {
  add_delivery(kRequestId);
  ASSERT_TRUE(run([](size_t) { return answer_of(500, ""); }));
  EXPECT_EQ(tries_.size(), 9u);
  EXPECT_FALSE(report_.all_acknowledged());
  EXPECT_EQ(file(), std::string("claims of ") + kRequestId + "\n{\"requestId\":\"" + kRequestId +
                        "\",\"acknowledged\":false}\n");
}

TEST_F(SenderTest, DoesNotRetry413) {
  add_delivery(kRequestId);
  ASSERT_TRUE(run([](size_t) { return answer_of(413, ""); }));
  EXPECT_EQ(tries_.size(), 1u);
  EXPECT_EQ(report()["failed"], 1);
}

TEST_F(SenderTest, ClaimsAreWrittenBeforeTheFirstTryAndTheOutcomeAfterIt) {
  add_delivery(kRequestId);
  std::string before;
  ASSERT_TRUE(run([&](size_t) -> Result<HttpResponse> {
    before = file();
    return good_answer();
  }));
  EXPECT_EQ(before, std::string("claims of ") + kRequestId + "\n");
  EXPECT_EQ(file(), before + "{\"requestId\":\"" + kRequestId + "\",\"acknowledged\":true}\n");
}

TEST_F(SenderTest, ATornLineOfAnEarlierSenderIsEnded) {
  std::ofstream(path_) << "{\"id\":\"31";
  add_delivery(kRequestId);
  ASSERT_TRUE(run([](size_t) { return good_answer(); }));
  EXPECT_EQ(file().substr(0, 17), "{\"id\":\"31\nclaims ");
}

TEST_F(SenderTest, RepeatsGoOutTwiceAndCountOnce) {
  for (int i = 0; i < 20; ++i) add_delivery(kRequestId, 1);
  ASSERT_TRUE(run([](size_t) { return good_answer(); }));
  EXPECT_EQ(tries_.size(), 40u);
  EXPECT_EQ(report()["acknowledged"], 20);
  EXPECT_EQ(report()["repeated"], 20);
}

TEST_F(SenderTest, RateSpacesDeliveries) {
  options_.rate = 2;
  options_.connections = 3;
  for (int i = 0; i < 5; ++i) add_delivery(kRequestId);
  ASSERT_TRUE(run([](size_t) { return good_answer(); }));
  ASSERT_EQ(tries_.size(), 5u);
  for (size_t i = 0; i < 5; ++i) EXPECT_EQ(tries_[i].at_ms, static_cast<int64_t>(i) * 500);
}

TEST_F(SenderTest, ReportNamesWhatWasWrong) {
  add_delivery(kRequestId);
  ASSERT_TRUE(run([](size_t n) { return n == 0 ? good_answer("another id") : good_answer(); }));
  EXPECT_EQ(report()["answers"]["200"], 2);
  EXPECT_EQ(report()["reasons"]["status 200, but its 'requestId' is not the request's"], 1);
  EXPECT_NE(report_.summary(1).find("'requestId' is not the request's"), std::string::npos);
}

TEST(SendReport, PercentilesAreOfAcknowledgedTries) {
  SendReport report;
  for (int i = 1; i <= 100; ++i) report.tried({Verdict::Outcome::delivered, 200, ""}, i * 1'000'000);
  report.tried({Verdict::Outcome::retry, 503, "status 503"}, 900'000'000'000);
  const nlohmann::json json = nlohmann::json::parse(report.json(1));
  EXPECT_NEAR(json["latencyMs"]["p50"].get<double>(), 50, 1);
  EXPECT_NEAR(json["latencyMs"]["p99"].get<double>(), 99, 1);
  EXPECT_EQ(json["latencyMs"]["max"], 100.0);
}

}  // namespace
}  // namespace cistern

// When credentials are fetched, on a clock that the test moves.
#include "pipeline/store/credentials/refreshing_credentials.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <set>

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "pipeline/call_on.h"
#include "pipeline/log.h"
#include "pipeline/utc_time.h"

namespace cistern {
namespace {

constexpr int64_t kMinuteMs = 60'000;

class ManualClock : public Clock {
 public:
  int64_t wall_ms() const override { return now_ms + wall_offset_ms; }
  int64_t steady_ns() const override { return now_ms * 1'000'000 + seed; }
  void after_ms(int64_t, std::function<void()>) override {}
  int64_t now_ms = 1'795'248'000'000;  // 2026-11-21T08:00:00Z
  int64_t wall_offset_ms = 0;
  int64_t seed = 0;
};

// Answers when the test says so.
class Scripted : public CredentialProvider {
 public:
  boost::asio::awaitable<Result<Credentials>> fetch() override {
    ++fetches;
    const auto start = [this](std::function<void(Result<Credentials>)> done) {
      pending.push_back(std::move(done));
    };
    co_return co_await wait_for<Result<Credentials>>(start);
  }
  const std::string& name() const override { return name_; }

  int fetches = 0;
  std::deque<std::function<void(Result<Credentials>)>> pending;

 private:
  const std::string name_ = "scripted source";
};

class Refreshing : public ::testing::Test {
 protected:
  Refreshing() {
    set_log_level(LogLevel::error);  // what is logged is one test's matter
    start(0);
  }
  ~Refreshing() override {
    abandon();
    set_log_level(LogLevel::info);
  }
  // Fetches, and those who wait for them, hold their source: none is left without an answer.
  void abandon() {
    while (provider_ != nullptr && !provider_->pending.empty()) answer(retry("the test is over"));
  }
  void start(int64_t seed) {
    abandon();
    clock_.seed = seed;
    auto provider = std::make_unique<Scripted>();
    provider_ = provider.get();
    source_ =
        refreshing_credentials(std::move(provider), {clock_, *disk_, io_.get_executor(), io_.get_executor()});
  }

  // Asks; the answer, or nothing while it waits.
  std::shared_ptr<std::optional<Result<Credentials>>> ask() {
    auto answer = std::make_shared<std::optional<Result<Credentials>>>();
    boost::asio::co_spawn(io_, keep(source_, answer), [](std::exception_ptr) {});
    settle();
    return answer;
  }
  static boost::asio::awaitable<void> keep(std::shared_ptr<CredentialSource> source,
                                           std::shared_ptr<std::optional<Result<Credentials>>> answer) {
    answer->emplace(co_await source->credentials());
  }
  void settle() {
    io_.restart();
    io_.poll();  // a caller that waits would keep run() from returning
  }

  Credentials valid_for(const std::string& key, int64_t ms) const {
    return {key, "secret", "token", clock_.wall_ms() + ms};
  }
  // The pending fetch ends.
  void answer(Result<Credentials> result) {
    ASSERT_FALSE(provider_->pending.empty()) << "nothing is fetched";
    auto done = std::move(provider_->pending.front());
    provider_->pending.pop_front();
    done(std::move(result));
    settle();
  }
  // Asks, and answers the fetch if that started one.
  void hold(Result<Credentials> result) {
    ask();
    answer(std::move(result));
  }
  std::string key_now() {
    const auto asked = ask();
    if (!*asked) return "waits";
    return **asked ? (**asked).value().access_key_id : (**asked).error().what;
  }
  void pass(int64_t ms) { clock_.now_ms += ms; }

  ManualClock clock_;
  boost::asio::io_context io_;
  std::unique_ptr<Disk> disk_ = make_posix_disk();
  Scripted* provider_ = nullptr;
  std::shared_ptr<CredentialSource> source_;
};

TEST_F(Refreshing, OneFlightForAllCallers) {
  std::vector<std::shared_ptr<std::optional<Result<Credentials>>>> asked;
  for (int i = 0; i < 50; ++i) asked.push_back(ask());
  EXPECT_EQ(1, provider_->fetches);
  for (const auto& one : asked) EXPECT_FALSE(*one);
  answer(valid_for("A", 6 * kHourMs));
  for (const auto& one : asked) EXPECT_EQ("A", (*one)->value().access_key_id);
  EXPECT_EQ("A", key_now());
  EXPECT_EQ(1, provider_->fetches);
}

TEST_F(Refreshing, RenewedWellBeforeTheEndWhileNobodyWaits) {
  hold(valid_for("A", 6 * kHourMs));
  pass(6 * kHourMs - 23 * kMinuteMs);
  EXPECT_EQ("A", key_now());
  EXPECT_EQ(1, provider_->fetches);
  pass(8 * kMinuteMs);  // 15 minutes are left
  EXPECT_EQ("A", key_now());
  EXPECT_EQ(2, provider_->fetches);
  EXPECT_EQ("A", key_now());
  EXPECT_EQ(2, provider_->fetches) << "one flight";
  answer(valid_for("B", 6 * kHourMs));
  EXPECT_EQ("B", key_now());
}

TEST_F(Refreshing, ShortOnesAreRenewedInTheirLastQuarter) {
  hold(valid_for("A", 15 * kMinuteMs));
  pass(9 * kMinuteMs);
  key_now();
  EXPECT_EQ(1, provider_->fetches);
  pass(9 * kMinuteMs / 4);
  EXPECT_EQ("A", key_now());
  EXPECT_EQ(2, provider_->fetches);
}

TEST_F(Refreshing, AFleetDoesNotAskTogether) {
  std::set<int64_t> minutes;
  for (int64_t instance = 1; instance <= 20; ++instance) {
    start(instance * 7919);
    hold(valid_for("A", 6 * kHourMs));
    const int64_t begin = clock_.now_ms;
    pass(6 * kHourMs - 24 * kMinuteMs);
    while (provider_->fetches == 1) pass(10'000), key_now();
    minutes.insert((clock_.now_ms - begin) / kMinuteMs);
    answer(retry("x"));
  }
  EXPECT_GE(minutes.size(), 5u);
}

TEST_F(Refreshing, WhileTheSourceIsDownTheOldOnesServeToTheEnd) {
  hold(valid_for("A", kHourMs));
  pass(45 * kMinuteMs);
  int tries = 0;
  for (; clock_.now_ms < 1'795'248'000'000 + kHourMs; pass(500)) {
    ASSERT_EQ("A", key_now());
    if (provider_->pending.empty()) continue;
    answer(retry("no route to it"));
    ++tries;
  }
  EXPECT_GE(tries, 15) << "it is tried again and again";
  EXPECT_LE(tries, 45) << "with waits of up to a minute";
  pass(kMinuteMs);
  EXPECT_EQ("waits", key_now());
  answer(retry("no route to it"));
  const std::string said = key_now();
  for (const char* part : {"scripted source", "expired at 2026-11-21T09:00:00Z", "no route to it"})
    EXPECT_NE(std::string::npos, said.find(part)) << said;
  pass(kMinuteMs);
  const auto asked = ask();
  answer(valid_for("B", kHourMs));
  EXPECT_EQ("B", (*asked)->value().access_key_id);
}

TEST_F(Refreshing, WithoutAnyTheErrorIsToldAndTheSourceSpared) {
  const auto asked = ask();
  answer(fatal("the role is gone"));
  EXPECT_EQ(ErrorKind::fatal, (*asked)->error().kind);
  EXPECT_EQ("the S3 credentials of the scripted source cannot be fetched: the role is gone",
            (*asked)->error().what);
  for (int i = 0; i < 10; ++i) EXPECT_EQ((*asked)->error().what, key_now());
  EXPECT_EQ(1, provider_->fetches);
  pass(1'000);
  EXPECT_EQ("waits", key_now());
  EXPECT_EQ(2, provider_->fetches);
}

TEST_F(Refreshing, WhatAServerRefusedIsFetchedAnew) {
  hold(valid_for("A", kHourMs));
  const Credentials stale{"Z", "other", "other"};
  source_->refused(stale);  // of a request that was under way when A came
  EXPECT_EQ("A", key_now());
  source_->refused(valid_for("A", kHourMs));
  const auto asked = ask();
  answer(valid_for("B", kHourMs));
  EXPECT_EQ("B", (*asked)->value().access_key_id);
}

TEST_F(Refreshing, AClockThatIsAheadDoesNotStopThem) {
  clock_.wall_offset_ms = 2 * kHourMs;
  const auto asked = ask();
  answer(Credentials{"A", "secret", "token", clock_.now_ms + kHourMs});
  EXPECT_EQ("A", (*asked)->value().access_key_id);
  EXPECT_EQ("A", key_now());
  EXPECT_EQ(1, provider_->fetches);
  pass(kMinuteMs);
  EXPECT_EQ("waits", key_now()) << "a minute later it is looked again";
}

TEST_F(Refreshing, LastingOnesAreFetchedOnce) {
  hold(Credentials{"A", "secret"});
  pass(100 * 24 * kHourMs);
  EXPECT_EQ("A", key_now());
  EXPECT_EQ(1, provider_->fetches);
}

TEST_F(Refreshing, NothingSecretIsLogged) {
  set_log_level(LogLevel::debug);
  ::testing::internal::CaptureStderr();
  hold(valid_for("AKIDLOG", kHourMs));
  pass(45 * kMinuteMs);
  hold(retry("down"));
  pass(kMinuteMs);
  hold(Credentials{"A", "secret", "token", clock_.now_ms - 1});
  const std::string log = ::testing::internal::GetCapturedStderr();
  for (const char* event : {"\"credentials\"", "credentials_not_renewed", "credentials_expired"})
    EXPECT_NE(std::string::npos, log.find(event)) << log;
  for (const char* secret : {"AKIDLOG", "secret", "token"})
    EXPECT_EQ(std::string::npos, log.find(secret)) << log;
}

}  // namespace
}  // namespace cistern

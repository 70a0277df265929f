// Lines as they reach standard error, and how many of them.
#include "pipeline/log.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace cistern {
namespace {

class LogClock : public Clock {
 public:
  int64_t wall_ms() const override { return now_ms; }
  int64_t steady_ns() const override { return 0; }
  void after_ms(int64_t, std::function<void()>) override {}
  int64_t now_ms = 1'700'000'000'123;
};

class LogTest : public testing::Test {
 protected:
  LogTest() {
    set_log_clock(&clock_);
    testing::internal::CaptureStderr();
  }
  ~LogTest() override {
    testing::internal::GetCapturedStderr();
    set_log_clock(nullptr);
    set_log_level(LogLevel::info);
    set_log_format(LogFormat::json);
  }

  static std::vector<std::string> lines() {
    std::vector<std::string> found;
    std::string text = testing::internal::GetCapturedStderr();
    for (size_t at = 0, end = 0; (end = text.find('\n', at)) != text.npos; at = end + 1)
      found.push_back(text.substr(at, end - at));
    testing::internal::CaptureStderr();
    return found;
  }

  LogClock clock_;
};

TEST_F(LogTest, ALineIsOneJsonObject) {
  log_warning("an_event", "what happened",
              {{"request_id", "r-1"}, {"status", 401}, {"ok", false}, {"bytes", uint64_t{1} << 63}});
  EXPECT_EQ(
      lines(),
      std::vector<std::string>{
          R"({"time":"2023-11-14T22:13:20.123Z","level":"warning","event":"an_event",)"
          R"("message":"what happened","request_id":"r-1","status":401,"ok":false,"bytes":9223372036854775808})"});
}

TEST_F(LogTest, NothingBreaksOutOfItsLine) {
  const std::string nasty = "a\"\\\n\x1b[31m\x7f\xff\xc3\xa9";
  log_info("nasty", nasty, {{"value", nasty}});
  set_log_format(LogFormat::text);
  log_info("nasty", nasty, {{"value", nasty}});
  const auto made = lines();
  ASSERT_EQ(made.size(), 2u);
  EXPECT_EQ(nlohmann::json::parse(made[0])["value"], "a\"\\\n\x1b[31m\x7f\xEF\xBF\xBD\xc3\xa9");
  EXPECT_EQ(made[1].find('\x1b'), std::string::npos) << "control characters must not reach a terminal";
}

TEST_F(LogTest, BelowTheLevelNothingIsWritten) {
  log_debug("level", "not shown");
  set_log_level(LogLevel::error);
  log_warning("level", "not shown");
  log_error("level", "shown");
  EXPECT_EQ(lines().size(), 1u);
}

TEST_F(LogTest, RepeatsAreLimitedAndCounted) {
  for (int i = 0; i < 1000; ++i) log_info("storm", "again", {{"number", i}});
  log_info("another", "not affected");
  EXPECT_EQ(lines().size(), 31u);
  clock_.now_ms += 60'000;
  log_info("storm", "again");
  log_info("storm", "again");
  const auto later = lines();
  ASSERT_EQ(later.size(), 2u);
  EXPECT_EQ(nlohmann::json::parse(later[0])["suppressed"], 970);
  EXPECT_FALSE(nlohmann::json::parse(later[1]).contains("suppressed"));
}

TEST_F(LogTest, AClockThatGoesBackDoesNotSilence) {
  for (int i = 0; i < 100; ++i) log_info("clock", "again");
  EXPECT_EQ(lines().size(), 30u);
  clock_.now_ms -= 3'600'000;
  log_info("clock", "again");
  EXPECT_EQ(lines().size(), 1u);
}

}  // namespace
}  // namespace cistern

#include "server/status/activity.h"

#include <gtest/gtest.h>

namespace cistern {
namespace {

class ActivityTest : public testing::Test {
 protected:
  void look(int64_t second) { activity_.look(second * 1000, 1'700'000'000'000 + second * 1000); }

  prometheus::Registry registry_;
  Metrics metrics_{registry_};
  Activity activity_{metrics_};
};

TEST_F(ActivityTest, NothingIsKnownBeforeTwoLooks) {
  EXPECT_EQ(activity_.window_seconds(), 0);
  EXPECT_EQ(activity_.deliveries_per_second(), 0);
  look(0);
  metrics_.events.Increment(10);
  EXPECT_EQ(activity_.events_per_second(), 0);
  EXPECT_FALSE(activity_.acknowledgement());
}

TEST_F(ActivityTest, RatesAreOfTheLastMinute) {
  metrics_.deliveries.of("200").Increment(1000);
  look(0);
  metrics_.deliveries.of("200").Increment(600);
  metrics_.deliveries.of("503").Increment(60);
  for (int second = 1; second <= 60; ++second) look(second);
  EXPECT_EQ(activity_.window_seconds(), 60);
  EXPECT_EQ(activity_.deliveries_per_second("200"), 10);
  EXPECT_EQ(activity_.deliveries_per_second("503"), 1);
  EXPECT_EQ(activity_.deliveries_per_second(), 11);
  look(61);  // the first look is forgotten, and all that was done lies before the second
  EXPECT_EQ(activity_.deliveries_per_second(), 0);
}

TEST_F(ActivityTest, PercentilesLieWithinTheBucket) {
  metrics_.ack_seconds.Observe(100);  // before the window
  look(0);
  for (int i = 0; i < 90; ++i) metrics_.ack_seconds.Observe(0.02);
  for (int i = 0; i < 10; ++i) metrics_.ack_seconds.Observe(0.7);
  look(1);
  const auto found = activity_.acknowledgement();
  ASSERT_TRUE(found);
  EXPECT_EQ(activity_.acknowledged(), 100u);
  EXPECT_NEAR(found->p50, 0.01 + 0.015 * 50 / 90, 1e-9);
  EXPECT_NEAR(found->p90, 0.025, 1e-9);
  EXPECT_NEAR(found->p99, 0.5 + 0.5 * 0.9, 1e-9);
}

TEST_F(ActivityTest, BeyondTheLastBoundItIsThatBound) {
  look(0);
  metrics_.ack_seconds.Observe(1000);
  look(1);
  EXPECT_EQ(activity_.acknowledgement()->p50, 170);
}

TEST_F(ActivityTest, AKeysLastUseIsWhenItsCountGrew) {
  look(0);
  metrics_.deliveries_by_key.of("a").Increment(3);
  look(1);
  look(2);
  EXPECT_EQ(activity_.last_use_ms("a"), 1'700'000'001'000);
  EXPECT_EQ(activity_.last_use_ms("b"), 0);
}

}  // namespace
}  // namespace cistern

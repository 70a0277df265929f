#include "pipeline/journal/leap_watch.h"

#include <gtest/gtest.h>

#include "pipeline/utc_time.h"

namespace cistern {
namespace {

class TwoClocks : public Clock {
 public:
  int64_t wall_ms() const override { return steady + offset; }
  int64_t steady_ns() const override { return steady * 1'000'000; }
  void after_ms(int64_t, std::function<void()>) override {}
  int64_t steady = 5'000;
  int64_t offset = 1'795'248'000'000;
};

TEST(LeapWatch, NothingIsKnownOfTheTimeBeforeTheFirstCall) {
  TwoClocks clock;
  LeapWatch watch;
  EXPECT_FALSE(watch.even_for_ms(kHourMs, clock));
  clock.steady += kHourMs - 1;
  EXPECT_FALSE(watch.even_for_ms(kHourMs, clock));
  clock.steady += 1;
  EXPECT_TRUE(watch.even_for_ms(kHourMs, clock));
}

TEST(LeapWatch, ALeapEitherWayBeginsAnew) {
  for (const int64_t leap : {7 * kHourMs, -7 * kHourMs}) {
    TwoClocks clock;
    LeapWatch watch;
    watch.even_for_ms(kHourMs, clock);
    clock.steady += 2 * kHourMs;
    clock.offset += leap;
    EXPECT_FALSE(watch.even_for_ms(kHourMs, clock));
    clock.steady += kHourMs;
    EXPECT_TRUE(watch.even_for_ms(kHourMs, clock));
  }
}

TEST(LeapWatch, SlowCorrectionsAreNoLeaps) {
  TwoClocks clock;
  LeapWatch watch;
  watch.even_for_ms(kHourMs, clock);
  for (int i = 0; i < 100; ++i) {
    clock.steady += kHourMs / 100;
    clock.offset += 500;
    watch.even_for_ms(kHourMs, clock);
  }
  EXPECT_TRUE(watch.even_for_ms(kHourMs, clock));
}

}  // namespace
}  // namespace cistern

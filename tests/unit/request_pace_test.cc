#include "pipeline/store/request_pace.h"

#include <gtest/gtest.h>

namespace cistern {
namespace {

// Asks once a millisecond from `from_ms` on; how many requests went out.
int sent(RequestPace& pace, int64_t from_ms, int64_t until_ms) {
  int count = 0;
  for (int64_t now = from_ms; now < until_ms; ++now) count += pace.start(now) == 0;
  return count;
}

TEST(RequestPace, SuccessNeverWaits) {
  RequestPace pace(2);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(0, pace.start(0));
    pace.succeeded();
  }
}

TEST(RequestPace, AnOutageIsAskedOnceASecond) {
  RequestPace pace(2);
  for (int i = 0; i < 8; ++i) ASSERT_EQ(0, pace.start(0));
  EXPECT_EQ(0, pace.start(0));  // the first probe
  EXPECT_EQ(1000, pace.start(0));
  EXPECT_EQ(400, pace.start(600));
  EXPECT_EQ(10, sent(pace, 1000, 11'000));
}

TEST(RequestPace, EachSuccessLetsTwoMoreGo) {
  RequestPace pace(8);
  while (pace.start(0) == 0) {
  }
  ASSERT_EQ(0, pace.start(1000));
  pace.succeeded();
  EXPECT_EQ(2, sent(pace, 1000, 1002));
  pace.succeeded();
  pace.succeeded();
  EXPECT_EQ(4, sent(pace, 1002, 1010));
}

TEST(RequestPace, TheBudgetIsBounded) {
  RequestPace pace(2);
  for (int i = 0; i < 1000; ++i) pace.succeeded();
  EXPECT_EQ(8 + 1, sent(pace, 0, 100));
}

TEST(RequestPace, AServersPauseIsKeptByAll) {
  RequestPace pace(8);
  pace.pause(0, 5'000);
  EXPECT_EQ(5'000, pace.start(0));
  EXPECT_EQ(1, pace.start(4'999));
  EXPECT_EQ(0, pace.start(5'000));
  pace.pause(5'000, 100);
  pace.pause(5'000, 50);  // a shorter one takes nothing back
  EXPECT_EQ(100, pace.start(5'000));
  pace.pause(6'000, 1'000'000'000);
  EXPECT_EQ(RequestPace::kLongestPauseMs, pace.start(6'000));
}

}  // namespace
}  // namespace cistern

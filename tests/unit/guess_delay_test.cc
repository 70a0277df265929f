#include "server/guess_delay.h"

#include <gtest/gtest.h>

namespace cistern {
namespace {

TEST(GuessDelay, GrowsFromNothingToABound) {
  GuessDelay delay;
  int64_t last = 0;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(delay.next_ms("10.0.0.1", 5), 0);
  for (int i = 0; i < 2000; ++i) {
    int64_t next = delay.next_ms("10.0.0.1", 5);
    EXPECT_TRUE(next > last || next == GuessDelay::kLongestMs) << next;
    EXPECT_LE(next, GuessDelay::kLongestMs);
    last = next;
  }
  EXPECT_EQ(last, GuessDelay::kLongestMs);
}

TEST(GuessDelay, AddressesAreCountedApart) {
  GuessDelay delay;
  for (int i = 0; i < 10; ++i) delay.next_ms("10.0.0.1", 5);
  EXPECT_GT(delay.next_ms("10.0.0.1", 5), 0);
  EXPECT_EQ(delay.next_ms("10.0.0.2", 5), 0);
}

TEST(GuessDelay, AQuietAddressBeginsAnew) {
  GuessDelay delay;
  for (int i = 0; i < 10; ++i) delay.next_ms("10.0.0.1", 5);
  EXPECT_EQ(delay.next_ms("10.0.0.1", 600'100), 0);
}

TEST(GuessDelay, MoreAddressesThanAreRememberedAreOne) {
  GuessDelay delay;
  for (size_t i = 0; i < GuessDelay::kMostAddresses; ++i) delay.next_ms(std::to_string(i), 5);
  for (int i = 0; i < 3; ++i) delay.next_ms("new " + std::to_string(i), 5);
  EXPECT_GT(delay.next_ms("and one more", 5), 0);
  EXPECT_EQ(delay.next_ms("0", 5), 0) << "who was known stays apart";
  EXPECT_EQ(delay.next_ms("and one more", 700'000), 0) << "the quiet ones made room";
}

}  // namespace
}  // namespace cistern

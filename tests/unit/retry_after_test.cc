#include "pipeline/store/retry_after.h"

#include <gtest/gtest.h>

namespace cistern {
namespace {

TEST(RetryAfter, IsSecondsOrADate) {
  constexpr int64_t now = 1'369'353'600'000;
  EXPECT_EQ(0, parse_retry_after("0", now));
  EXPECT_EQ(120'000, parse_retry_after("120", now));
  EXPECT_EQ(86'400'000, parse_retry_after("999999999", now));
  EXPECT_EQ(30'000, parse_retry_after("Fri, 24 May 2013 00:00:30 GMT", now));
  EXPECT_EQ(0, parse_retry_after("Thu, 23 May 2013 00:00:30 GMT", now));
  for (const char* text : {"", "-1", "1.5", "soon", "99999999999999999999"})
    EXPECT_FALSE(parse_retry_after(text, now)) << text;
}

}  // namespace
}  // namespace cistern

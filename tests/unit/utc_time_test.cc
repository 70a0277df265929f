#include "pipeline/utc_time.h"

#include <gtest/gtest.h>

namespace cistern {
namespace {

constexpr int64_t kTime = 1'795'248'000'000;  // 2026-11-21T08:00:00Z

TEST(UtcTime, InThreeForms) {
  EXPECT_EQ("2026-11-21T08:00:00.123Z", utc_time(kTime + 123));
  EXPECT_EQ("2026-11-21T08:00:00Z", utc_seconds(kTime + 999));
  EXPECT_EQ("20261121T080000Z", utc_basic(kTime + 999));
}

TEST(UtcTime, BeforeTheEpochAndOnALeapDay) {
  EXPECT_EQ("1969-12-31T23:59:59.999Z", utc_time(-1));
  EXPECT_EQ("2024-02-29T23:59:59.000Z", utc_time(1'709'251'199'000));
}

TEST(UtcTime, StaysWithinFourDigitYears) {
  EXPECT_EQ("9999-12-31T23:59:59.999Z", utc_time(INT64_MAX));
  EXPECT_EQ("0000-01-01T00:00:00.000Z", utc_time(INT64_MIN));
}

}  // namespace
}  // namespace cistern

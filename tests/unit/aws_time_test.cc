#include "pipeline/store/aws_time.h"

#include <gtest/gtest.h>

namespace cistern {
namespace {

constexpr int64_t kAwsTime = 1'795'248'000'000;  // 2026-11-21T08:00:00Z

TEST(AwsTime, IsoTimes) {
  EXPECT_EQ(kAwsTime, parse_iso_time("2026-11-21T08:00:00Z"));
  EXPECT_EQ(kAwsTime + 123, parse_iso_time("2026-11-21T08:00:00.123Z"));
  EXPECT_EQ(kAwsTime + 120, parse_iso_time("2026-11-21T08:00:00.12Z"));
  EXPECT_EQ(kAwsTime + 123, parse_iso_time("2026-11-21T08:00:00.123456789Z"));
  EXPECT_EQ(kAwsTime, parse_iso_time("2026-11-21T08:00:00+00:00"));
  EXPECT_EQ(kAwsTime, parse_iso_time("2026-11-21T13:30:00+05:30"));
  EXPECT_EQ(kAwsTime, parse_iso_time("2026-11-21T00:00:00-0800"));
  EXPECT_EQ(1'709'164'800'000, parse_iso_time("2024-02-29T00:00:00Z"));
}

TEST(AwsTime, WhatIsNoIsoTime) {
  for (const char* text :
       {"", "2026-11-21", "2026-11-21T08:00:00", "2026-11-21 08:00:00Z", "2026-13-21T08:00:00Z",
        "2026-02-29T08:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T08:60:00Z", "2026-11-21T08:00:00.Z",
        "2026-11-21T08:00:00Zx", "2026-11-21T08:00:00+1", "x026-11-21T08:00:00Z", "1795248000"})
    EXPECT_FALSE(parse_iso_time(text)) << text;
}

TEST(AwsTime, HttpDates) {
  EXPECT_EQ(kAwsTime, parse_http_date("Sat, 21 Nov 2026 08:00:00 GMT"));
  EXPECT_EQ(1'709'164'800'000, parse_http_date("Thu, 29 Feb 2024 00:00:00 GMT"));
  for (const char* text : {"", "Sat", "Sat, ", "Sat, 21 Nov 2026 08:00:00", "Sat, 21 Nov 2026 08:00:00 CET",
                           "Saturday, 21-Nov-26 08:00:00 GMT", "Sat Nov 21 08:00:00 2026",
                           "Sat, 31 Nov 2026 08:00:00 GMT", "Sat, 21 Nox 2026 08:00:00 GMT"})
    EXPECT_FALSE(parse_http_date(text)) << text;
}

}  // namespace
}  // namespace cistern

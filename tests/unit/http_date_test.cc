#include "pipeline/store/http_date.h"

#include <gtest/gtest.h>

namespace cistern {
namespace {

TEST(HttpDate, TheOneForm) {
  EXPECT_EQ(1'369'353'600'000, parse_http_date("Fri, 24 May 2013 00:00:00 GMT"));
  EXPECT_EQ(1'330'559'999'000, parse_http_date("Wed, 29 Feb 2012 23:59:59 GMT"));
}

TEST(HttpDate, AnythingElseIsNone) {
  for (const char* text :
       {"", "24 May 2013 00:00:00 GMT", "Fri, 24 May 2013 00:00:00 CET", "Fri, 31 Feb 2013 00:00:00 GMT",
        "Fri, 24 Mai 2013 00:00:00 GMT", "Fri, 24 ayJ 2013 00:00:00 GMT", "Fri, 24 May 2013 24:00:00 GMT",
        "Fri, -4 May 2013 00:00:00 GMT", "Friday, 24-May-13 00:00:00 GMT"})
    EXPECT_FALSE(parse_http_date(text)) << text;
}

TEST(HttpDate, RetryAfterIsSecondsOrADate) {
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

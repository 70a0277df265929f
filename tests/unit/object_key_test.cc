#include "pipeline/archive/object_key.h"

#include <gtest/gtest.h>

namespace cistern {
namespace {

TEST(ObjectKey, NamesHourJournalAndSequence) {
  EXPECT_EQ(object_key("2026/11/21/08/", 1795250096000, "5f1c9a0b7e42", 17),
            "2026/11/21/08/20261121T08Z-5f1c9a0b7e42-0000000017.ndjson.gz");
}

TEST(ObjectKey, TimesOutOfRangeGetANameNotACrash) {
  for (const int64_t ms : {int64_t{-1}, INT64_MIN, INT64_MAX, int64_t{253'402'300'800'000}}) {
    EXPECT_EQ(object_key("out-of-range-time/", ms, "5f1c9a0b7e42", 1),
              "out-of-range-time/out-of-range-time-5f1c9a0b7e42-0000000001.ndjson.gz");
  }
  EXPECT_EQ(object_key("", 253'402'300'799'999, "a", 0), "99991231T23Z-a-0000000000.ndjson.gz");
}

}  // namespace
}  // namespace cistern

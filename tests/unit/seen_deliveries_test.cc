#include "pipeline/journal/seen_deliveries.h"

#include <set>

#include <gtest/gtest.h>

#include "tests/fault/journal_harness.h"

namespace cistern::test {
namespace {

TEST(SeenDeliveries, ForgetsTheOldestBeyondItsBound) {
  SeenDeliveries seen(5000, 1'000'000);
  for (uint64_t i = 0; i < 20'000; ++i) {
    seen.add({make_digest(i), static_cast<uint32_t>(i)}, 1);
    ASSERT_TRUE(seen.contains(make_digest(i)));
    if (i < 5000) continue;
    ASSERT_FALSE(seen.contains(make_digest(i - 5000)));
    ASSERT_TRUE(seen.contains(make_digest(i - 4999)));
  }
  EXPECT_EQ(seen.size(), 5000u);
}

TEST(SeenDeliveries, DigestsThatCollideInTheTableAreToldApart) {
  SeenDeliveries seen(100, 1'000'000);
  std::vector<Digest128> digests(300);
  for (size_t i = 0; i < digests.size(); ++i) {
    digests[i][15] = static_cast<uint8_t>(i);  // the table looks at the first eight bytes
    digests[i][14] = static_cast<uint8_t>(i >> 8);
    digests[i][0] = static_cast<uint8_t>(i % 3);
  }
  for (size_t i = 0; i < digests.size(); ++i) {
    seen.add({digests[i], 1}, 1);
    for (size_t j = 0; j < digests.size(); ++j) {
      ASSERT_EQ(seen.contains(digests[j]), j <= i && j + 100 > i) << i << " " << j;
    }
  }
}

TEST(SeenDeliveries, ForgetsWhatIsOlderThanItRemembers) {
  SeenDeliveries seen(100, 60);
  seen.add({make_digest(1), 1000}, 1);
  seen.add({make_digest(2), 1030}, 1);
  seen.forget_older(1060);
  EXPECT_TRUE(seen.contains(make_digest(1)));
  seen.forget_older(1061);
  EXPECT_FALSE(seen.contains(make_digest(1)));
  EXPECT_TRUE(seen.contains(make_digest(2)));
}

TEST(SeenDeliveries, KnowsWhichSegmentHoldsWhat) {
  SeenDeliveries seen(100, 60);
  seen.add({make_digest(1), 1000}, 1);
  seen.add({make_digest(2), 1001}, 2);
  seen.add({make_digest(3), 1002}, 3);
  EXPECT_EQ(seen.up_to(2), (std::vector<SeenIdentity>{{make_digest(1), 1000}, {make_digest(2), 1001}}));
  seen.move_up_to(1, 3);
  EXPECT_EQ(seen.up_to(2), (std::vector<SeenIdentity>{{make_digest(2), 1001}}));
  seen.add({make_digest(2), 1001}, 4);
  EXPECT_TRUE(seen.up_to(2).empty());
  EXPECT_EQ(seen.size(), 3u);
}

TEST(SeenDeliveries, AfterSortingTheOldestGoesFirst) {
  SeenDeliveries seen(3, 1'000'000);
  seen.add({make_digest(5), 50}, 2);
  seen.add({make_digest(1), 10}, 2);
  seen.add({make_digest(3), 30}, 2);
  seen.sort_by_age();
  seen.add({make_digest(6), 60}, 2);
  EXPECT_FALSE(seen.contains(make_digest(1)));
  seen.add({make_digest(7), 70}, 2);
  EXPECT_FALSE(seen.contains(make_digest(3)));
  for (const int kept : {5, 6, 7}) EXPECT_TRUE(seen.contains(make_digest(kept))) << kept;
  const Digest128 others[] = {make_digest(1), make_digest(3)};
  EXPECT_FALSE(seen.contains_any(others));
  const Digest128 one_of_them[] = {make_digest(1), make_digest(7)};
  EXPECT_TRUE(seen.contains_any(one_of_them));
}

}  // namespace
}  // namespace cistern::test

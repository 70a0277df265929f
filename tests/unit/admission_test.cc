#include "handlers/admission.h"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace cistern {
namespace {

TEST(Admission, LeasesShareOneBudgetAndGiveItBack) {
  prometheus::Gauge used;
  Admission admission(100, used);
  {
    auto first = admission.lease();
    ASSERT_TRUE(first.grow(60));
    auto second = admission.lease();
    auto refused = second.grow(41);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::busy);
    EXPECT_TRUE(second.grow(40));
    EXPECT_EQ(used.Value(), 100);
    first.give_back(10);
    EXPECT_TRUE(second.grow(10));
    EXPECT_EQ(second.held(), 50u);
  }
  EXPECT_EQ(used.Value(), 0);
  EXPECT_TRUE(admission.lease().grow(100));
}

TEST(Admission, HugeRequestsDoNotWrapAround) {
  prometheus::Gauge used;
  Admission admission(100, used);
  auto lease = admission.lease();
  ASSERT_TRUE(lease.grow(50));
  EXPECT_FALSE(lease.grow(UINT64_MAX));
  EXPECT_FALSE(lease.grow(UINT64_MAX - 49));
  EXPECT_EQ(lease.held(), 50u);
}

TEST(Admission, AMovedLeaseIsGivenBackOnce) {
  prometheus::Gauge used;
  Admission admission(100, used);
  auto lease = admission.lease();
  ASSERT_TRUE(lease.grow(100));
  { Admission::Lease moved = std::move(lease); }
  EXPECT_EQ(used.Value(), 0);
  auto next = admission.lease();
  EXPECT_TRUE(next.grow(100));
}

TEST(Admission, HoldsUnderThreads) {
  prometheus::Gauge used;
  Admission admission(10, used);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 5000; ++n) {
        auto lease = admission.lease();
        (void)lease.grow(3).has_value();
      }
    });
  for (auto& thread : threads) thread.join();
  auto all = admission.lease();
  EXPECT_TRUE(all.grow(10)) << "bytes were lost";
  EXPECT_FALSE(all.grow(1)) << "bytes were invented";
}

}  // namespace
}  // namespace cistern

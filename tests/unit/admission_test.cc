#include "handlers/admission.h"

#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace cistern {
namespace {

class SetClock : public Clock {
 public:
  int64_t wall_ms() const override { return now_ms; }
  int64_t steady_ns() const override { return now_ms * 1'000'000; }
  void after_ms(int64_t, std::function<void()>) override {}
  int64_t now_ms = 1'000'000;
};

class AdmissionTest : public testing::Test {
 protected:
  SetClock clock_;
  prometheus::Gauge used_;
  Admission admission_{100, clock_, used_};
};

TEST_F(AdmissionTest, LeasesShareOneBudgetAndGiveItBack) {
  {
    auto first = admission_.lease();
    ASSERT_TRUE(first.grow(60));
    auto second = admission_.lease();
    auto refused = second.grow(41);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::busy);
    EXPECT_TRUE(second.grow(40));
    EXPECT_EQ(used_.Value(), 100);
    first.give_back(10);
    EXPECT_TRUE(second.grow(10));
    EXPECT_EQ(second.held(), 50u);
  }
  EXPECT_EQ(used_.Value(), 0);
  EXPECT_TRUE(admission_.lease().grow(100));
}

TEST_F(AdmissionTest, AChangedCapacityHoldsForWhatIsAskedNext) {
  auto first = admission_.lease();
  ASSERT_TRUE(first.grow(80));
  admission_.set_capacity(50);
  EXPECT_FALSE(admission_.lease().grow(1)) << "more is held than there is: it must not wrap around";
  first.give_back(60);
  EXPECT_TRUE(admission_.lease().grow(30));
  EXPECT_FALSE(admission_.lease().grow(31));
  admission_.set_capacity(200);
  EXPECT_TRUE(admission_.lease().grow(180));
}

TEST_F(AdmissionTest, HugeRequestsDoNotWrapAround) {
  auto lease = admission_.lease("a", 90);
  auto other = admission_.lease("a", 90);
  ASSERT_TRUE(lease.grow(50));
  for (uint64_t huge : {UINT64_MAX, UINT64_MAX - 49}) {
    EXPECT_FALSE(lease.grow(huge));
    EXPECT_FALSE(other.grow(huge));
  }
  EXPECT_EQ(lease.held(), 50u);
}

TEST_F(AdmissionTest, AMovedLeaseIsGivenBackOnce) {
  auto lease = admission_.lease();
  ASSERT_TRUE(lease.grow(100));
  { Admission::Lease moved = std::move(lease); }
  EXPECT_EQ(used_.Value(), 0);
  auto next = admission_.lease();
  EXPECT_TRUE(next.grow(100));
}

TEST_F(AdmissionTest, GrowsAndShrinksToASize) {
  auto lease = admission_.lease();
  ASSERT_TRUE(lease.grow_to(30));
  ASSERT_TRUE(lease.grow_to(20));
  EXPECT_EQ(lease.held(), 30u);
  lease.shrink_to(40);
  EXPECT_EQ(lease.held(), 30u);
  lease.shrink_to(5);
  EXPECT_EQ(used_.Value(), 5);
}

TEST(Admission, ALeaseMayOutliveIt) {
  SetClock clock;
  auto used = std::make_unique<prometheus::Gauge>();
  auto admission = std::make_unique<Admission>(100, clock, *used);
  auto lease = admission->lease("a");
  ASSERT_TRUE(lease.grow(50));
  admission.reset();
  used.reset();
  lease.give_back(20);
}

// ---- Quotas

TEST_F(AdmissionTest, AHoldersQuotaIsForAllItsLeases) {
  auto first = admission_.lease("a", 50);
  auto second = admission_.lease("a", 50);
  auto other = admission_.lease("b");
  ASSERT_TRUE(first.grow(30));
  auto refused = second.grow(21);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::over_quota);
  EXPECT_TRUE(second.grow(20));
  EXPECT_TRUE(other.grow(50)) << "another's quota is not its own";
}

TEST_F(AdmissionTest, WhatIsLargerThanTheQuotaComesThroughAlone) {
  auto large = admission_.lease("a", 50);
  EXPECT_TRUE(large.grow(60));
  EXPECT_TRUE(large.grow(10)) << "a body of unknown length grows step by step";
  EXPECT_FALSE(admission_.lease("a", 50).grow(1));
}

// ---- Shares

TEST_F(AdmissionTest, AloneAHolderMayHaveItAll) {
  auto first = admission_.lease("a");
  auto second = admission_.lease("a");
  EXPECT_TRUE(first.grow(60));
  EXPECT_TRUE(second.grow(40));
}

TEST_F(AdmissionTest, WhileAnotherWaitsNobodyTakesMoreThanAShare) {
  std::vector<Admission::Lease> greedy;
  for (int i = 0; i < 5; ++i) {
    greedy.push_back(admission_.lease("greedy"));
    ASSERT_TRUE(greedy.back().grow(20));
  }
  auto modest = admission_.lease("modest");
  ASSERT_FALSE(modest.grow(30));
  greedy.resize(3);  // 60 of 100 are held: room enough for either
  auto more = admission_.lease("greedy");
  auto refused = more.grow(20);
  ASSERT_FALSE(refused) << "the room is for the one that waits";
  EXPECT_EQ(refused.error().kind, ErrorKind::busy);
  EXPECT_TRUE(modest.grow(30));
  greedy.resize(1);
  EXPECT_TRUE(more.grow(20)) << "up to its share of 50 it goes on";
}

TEST_F(AdmissionTest, WhoWaitsIsForgottenInTime) {
  auto first = admission_.lease("a");
  ASSERT_TRUE(first.grow(90));
  ASSERT_FALSE(admission_.lease("b").grow(20));
  auto second = admission_.lease("a");
  EXPECT_FALSE(second.grow(10));
  clock_.now_ms += 61'000;
  EXPECT_TRUE(second.grow(10));
}

TEST_F(AdmissionTest, WhoHasAShareAlreadyIsNotWaitedFor) {
  auto first = admission_.lease("a");
  auto second = admission_.lease("b");
  ASSERT_TRUE(first.grow(10));
  ASSERT_TRUE(second.grow(90));
  ASSERT_TRUE(!first.grow(10)) << "no room: a waits";
  ASSERT_TRUE(!second.grow(10)) << "no room, and b has more than its share";
  second.give_back(80);
  EXPECT_TRUE(first.grow(80)) << "nobody else waits";
}

TEST(Admission, HoldsUnderThreads) {
  SetClock clock;
  prometheus::Gauge used;
  Admission admission(10, clock, used);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&admission, i] {
      for (int n = 0; n < 5000; ++n) {
        auto lease = admission.lease(i % 2 ? "a" : "b");
        (void)lease.grow(3).has_value();
      }
    });
  for (auto& thread : threads) thread.join();
  clock.now_ms += 61'000;
  auto all = admission.lease();
  EXPECT_TRUE(all.grow(10)) << "bytes were lost";
  EXPECT_FALSE(all.grow(1)) << "bytes were invented";
}

}  // namespace
}  // namespace cistern

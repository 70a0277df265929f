#include "server/spare_memory.h"

#include <cstring>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "server/process_metrics.h"

namespace cistern {
namespace {

using Bytes = std::unique_ptr<char[]>;

constexpr size_t kLargeBytes = size_t{64} << 10;
constexpr size_t kFreeBytes = size_t{64} << 20;

// Frees kFreeBytes of which no page is at the heap's end: between any two blocks a small one is kept.
std::vector<Bytes> leave_holes() {
  std::vector<Bytes> large, kept;
  for (size_t bytes = 0; bytes < kFreeBytes; bytes += kLargeBytes) {
    large.push_back(std::make_unique<char[]>(kLargeBytes));
    std::memset(large.back().get(), 1, kLargeBytes);
    kept.push_back(std::make_unique<char[]>(100));
  }
  return kept;
}

class SpareMemoryTest : public testing::Test {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "the sanitizers' malloc gives nothing back";
#endif
  }

  SpareMemory spare_;
};

TEST_F(SpareMemoryTest, WhatIsFreeIsGivenBackNearTheLimit) {
  const auto kept = leave_holes();
  const uint64_t before = resident_bytes();
  EXPECT_TRUE(spare_.give_back(before));
  EXPECT_LT(resident_bytes(), before - kFreeBytes * 3 / 4);
}

TEST_F(SpareMemoryTest, ItStaysWhereThereIsRoom) {
  const auto kept = leave_holes();
  const uint64_t before = resident_bytes();
  EXPECT_FALSE(spare_.give_back(2 * before));
  EXPECT_GT(resident_bytes(), before - kFreeBytes / 4);
}

TEST_F(SpareMemoryTest, WhereNothingBecameFreeItIsNotLookedForAgain) {
  const uint64_t limit = resident_bytes();
  EXPECT_TRUE(spare_.give_back(limit));
  EXPECT_FALSE(spare_.give_back(limit / 2));
  const auto kept = leave_holes();
  EXPECT_TRUE(spare_.give_back(limit));
}

}  // namespace
}  // namespace cistern

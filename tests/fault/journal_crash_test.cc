// Thousands of random lives of a journal, each from its seed (seeds.h).
#include <string>

#include <gtest/gtest.h>

#include "pipeline/log.h"
#include "tests/fault/journal_history.h"
#include "tests/fault/seeds.h"

namespace cistern::test {
namespace {

class JournalCrash : public ::testing::Test {
 protected:
  JournalCrash() { set_log_level(static_cast<LogLevel>(4)); }  // poisoned journals by the thousand
};

TEST_F(JournalCrash, EveryInvariantHoldsForEverySeed) {
  const Seeds seeds = Seeds::chosen(1000);
  for (uint64_t seed = seeds.first; seed <= seeds.last; ++seed) {
    const std::string broken = JournalHistory(seed, false).run();
    ASSERT_EQ(broken, "") << Seeds::repeat(seed, "JournalCrash.EveryInvariant*");
  }
}

// The checker can fail: a disk that says "synced" and is not must be found out, and often.
TEST_F(JournalCrash, ADiskThatLiesAboutSyncIsCaught) {
  int caught = 0;
  for (uint64_t seed = 1; seed <= 100; ++seed) caught += !JournalHistory(seed, true).run().empty();
  EXPECT_GT(caught, 80);
}

}  // namespace
}  // namespace cistern::test

// Thousands of random lives of a journal, each from its seed. More of them:
//   CISTERN_SEEDS=100000 fault_tests --gtest_filter='JournalCrash.*'
// One of them again:
//   CISTERN_SEED=17 fault_tests --gtest_filter='JournalCrash.*'
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "pipeline/log.h"
#include "tests/fault/journal_history.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static constexpr uint64_t kSeeds = 200;  // a sanitizer's build is many times slower
#else
static constexpr uint64_t kSeeds = 1000;
#endif

namespace cistern::testing {
namespace {

uint64_t number_from(const char* variable, uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class JournalCrash : public ::testing::Test {
 protected:
  JournalCrash() { set_log_level(static_cast<LogLevel>(4)); }  // poisoned journals by the thousand
};

TEST_F(JournalCrash, EveryInvariantHoldsForEverySeed) {
  const uint64_t only = number_from("CISTERN_SEED", 0);
  const uint64_t first = only != 0 ? only : 1;
  const uint64_t last = only != 0 ? only : number_from("CISTERN_SEEDS", kSeeds);
  for (uint64_t seed = first; seed <= last; ++seed) {
    const std::string broken = JournalHistory(seed, false).run();
    ASSERT_EQ(broken, "") << "seed " << seed << "; to repeat it: CISTERN_SEED=" << seed
                          << " fault_tests --gtest_filter='JournalCrash.EveryInvariant*'";
  }
}

// The checker can fail: a disk that says "synced" and is not must be found out, and often.
TEST_F(JournalCrash, ADiskThatLiesAboutSyncIsCaught) {
  int caught = 0;
  for (uint64_t seed = 1; seed <= 100; ++seed) caught += !JournalHistory(seed, true).run().empty();
  EXPECT_GT(caught, 80);
}

}  // namespace
}  // namespace cistern::testing

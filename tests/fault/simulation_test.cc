// Hundreds of bad days of the whole pipeline, each from its seed. More of them, and others:
//   CISTERN_SIMULATION_SEEDS=100000 CISTERN_SIMULATION_FIRST_SEED=1001 fault_tests
//   --gtest_filter='SimulationTest.*'
// One of them again:
//   CISTERN_SIMULATION_SEED=17 fault_tests --gtest_filter='SimulationTest.EveryInvariant*'
#include "tests/fault/simulation.h"

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "pipeline/log.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static constexpr uint64_t kSeeds = 60;  // a sanitizer's build is many times slower
#else
static constexpr uint64_t kSeeds = 300;
#endif

namespace cistern::testing {
namespace {

uint64_t number_from(const char* variable, uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class SimulationTest : public ::testing::Test {
 protected:
  SimulationTest() { set_log_level(static_cast<LogLevel>(4)); }  // what fails here fails by the thousand

  static int caught(Liars liars, const std::string& by) {
    int caught = 0;
    for (uint64_t seed = 1; seed <= 40; ++seed) caught += Simulation(seed, liars).run().starts_with(by);
    return caught;
  }
};

TEST_F(SimulationTest, EveryInvariantHoldsForEverySeed) {
  const uint64_t only = number_from("CISTERN_SIMULATION_SEED", 0);
  const uint64_t first = only != 0 ? only : number_from("CISTERN_SIMULATION_FIRST_SEED", 1);
  const uint64_t last = only != 0 ? only : first + number_from("CISTERN_SIMULATION_SEEDS", kSeeds) - 1;
  for (uint64_t seed = first; seed <= last; ++seed) {
    const std::string broken = Simulation(seed).run();
    ASSERT_EQ(broken, "") << "seed " << seed << "; to repeat it: CISTERN_SIMULATION_SEED=" << seed
                          << " fault_tests --gtest_filter='SimulationTest.EveryInvariant*'";
  }
}

TEST_F(SimulationTest, TheSameSeedIsTheSameRun) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    Simulation one(seed);
    Simulation other(seed);
    EXPECT_EQ(one.run(), other.run());
    EXPECT_EQ(one.trace(), other.trace()) << "seed " << seed;
  }
}

// The invariants can fail: doors that break their word must be found out.
TEST_F(SimulationTest, ADiskThatLiesAboutSyncIsCaught) {
  EXPECT_GT(caught({.disk_lies_about_sync = true}, ""), 20);
}

TEST_F(SimulationTest, AStoreThatForgetsIsCaught) {
  EXPECT_GT(caught({.store_forgets = true}, "acknowledged_is_durable"), 20);
}

TEST_F(SimulationTest, AStoreThatIgnoresTheConditionIsCaught) {
  EXPECT_GT(caught({.store_ignores_condition = true}, "objects_immutable"), 3);
}

}  // namespace
}  // namespace cistern::testing

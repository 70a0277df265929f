// Hundreds of bad days of the whole pipeline, each from its seed (seeds.h).
#include "tests/fault/simulation.h"

#include <string>

#include <gtest/gtest.h>

#include "pipeline/log.h"
#include "tests/fault/seeds.h"

namespace cistern::test {
namespace {

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
  const Seeds seeds = Seeds::chosen(300);
  for (uint64_t seed = seeds.first; seed <= seeds.last; ++seed) {
    const std::string broken = Simulation(seed).run();
    ASSERT_EQ(broken, "") << Seeds::repeat(seed, "SimulationTest.EveryInvariant*");
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
}  // namespace cistern::test

#include "pipeline/level_control.h"

#include <gtest/gtest.h>

namespace cistern {
namespace {

TEST(LevelControl, AConfiguredLevelStays) {
  LevelControl control(Level{9}, 2);
  EXPECT_EQ(control.choose(1).value, 9);
  EXPECT_EQ(control.choose(1000).value, 9);
}

TEST(LevelControl, RisesAndFallsWithTheQueueAndHoldsInBetween) {
  LevelControl control(std::nullopt, 2);
  EXPECT_EQ(control.choose(1).value, 6);
  EXPECT_EQ(control.choose(4).value, 6);
  EXPECT_EQ(control.choose(5).value, 1);
  EXPECT_EQ(control.choose(3).value, 1) << "between the thresholds the level stays";
  EXPECT_EQ(control.choose(9).value, Level::kFastest);
  EXPECT_EQ(control.choose(5).value, Level::kFastest) << "between the thresholds the level stays";
  EXPECT_EQ(control.choose(1).value, 6);
  EXPECT_EQ(control.choose(100).value, Level::kFastest);
}

}  // namespace
}  // namespace cistern

#include "pipeline/level_control.h"

#include <gtest/gtest.h>

namespace cistern {
namespace {

TEST(LevelControl, AConfiguredLevelStays) {
  LevelControl control(Level{9}, 2);
  EXPECT_EQ(control.choose(1).level.value, 9);
  EXPECT_EQ(control.choose(1000).level.value, 9);
}

TEST(LevelControl, RisesAndFallsWithTheQueueAndHoldsInBetween) {
  LevelControl control(std::nullopt, 2);
  EXPECT_EQ(control.choose(1).level.value, 6);
  EXPECT_EQ(control.choose(4).level.value, 6);
  EXPECT_EQ(control.choose(5).level.value, 1);
  EXPECT_EQ(control.choose(3).level.value, 1) << "between the thresholds the level stays";
  EXPECT_EQ(control.choose(9).level.value, Level::kFastest);
  EXPECT_EQ(control.choose(5).level.value, Level::kFastest) << "between the thresholds the level stays";
  EXPECT_EQ(control.choose(4).level.value, 1) << "back one step at a time";
  EXPECT_EQ(control.choose(3).level.value, 1);
  EXPECT_EQ(control.choose(2).level.value, 6);
  EXPECT_EQ(control.choose(100).level.value, Level::kFastest);
  EXPECT_EQ(control.choose(1).level.value, 6);
}

TEST(LevelControl, SaysWhy) {
  LevelControl control(std::nullopt, 1);
  EXPECT_STREQ(control.choose(1).reason, "workers_free");
  EXPECT_STREQ(control.choose(3).reason, "some_wait");
  EXPECT_STREQ(control.choose(5).reason, "many_wait");
  EXPECT_STREQ(control.choose(2).reason, "some_wait");
  EXPECT_STREQ(control.choose(1).reason, "workers_free");
  control.use(Level{3});
  EXPECT_STREQ(control.choose(5).reason, "configured");
}

}  // namespace
}  // namespace cistern

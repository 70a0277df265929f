// How hard deliveries are compressed while others wait for the worker: what LevelControl chooses is what
// their frames are made with and what the metrics tell.
#include <gtest/gtest.h>

#include "tests/fault/service_bench.h"

namespace cistern::test {
namespace {

class LevelUnderLoad : public ::testing::Test {
 protected:
  LevelUnderLoad() { bench_.start(); }

  // Sends some at once and lets all be answered; the levels that the gauge showed, one after the other.
  std::vector<double> levels_while_at_once(const std::vector<std::string>& request_ids) {
    std::vector<ServiceBench::Answer> answers;
    for (const std::string& id : request_ids) answers.push_back(bench_.post(id));
    const auto answered = [](const ServiceBench::Answer& answer) { return *answer == "200"; };
    std::vector<double> levels;
    bench_.run_until([&] {
      const double level = bench_.service->metrics().level.Value();
      if (reasons() > counted_ && (levels.empty() || levels.back() != level)) levels.push_back(level);
      return std::all_of(answers.begin(), answers.end(), answered);
    });
    counted_ = reasons();
    return levels;
  }
  double because(const char* reason) { return bench_.service->metrics().level_reasons.of(reason).Value(); }
  double reasons() { return because("workers_free") + because("some_wait") + because("many_wait"); }
  double frame_bytes() { return bench_.service->metrics().frame_bytes.Value(); }

  ServiceBench bench_{1};
  double counted_ = 0;
};

using Levels = std::vector<double>;

TEST_F(LevelUnderLoad, FallsWhileManyWaitAndReturnsStepByStep) {
  const std::vector<std::string> ids{"r00", "r01", "r02", "r03", "r04", "r05",
                                     "r06", "r07", "r08", "r09", "r10", "r11"};
  EXPECT_EQ(levels_while_at_once(ids), (Levels{Level::kFastest, 1, 6}));
  // One worker: each delivery has those behind it at hand, and itself.
  EXPECT_EQ(because("many_wait"), 10);
  EXPECT_EQ(because("some_wait"), 1);
  EXPECT_EQ(because("workers_free"), 1);
  bench_.drain();
  EXPECT_EQ(bench_.archived(ids), std::vector<int64_t>(ids.size(), 1));
}

TEST_F(LevelUnderLoad, FramesAreMadeAtTheLevelThatIsTold) {
  EXPECT_EQ(levels_while_at_once({"r00"}), Levels{6});
  const double thorough = frame_bytes();
  levels_while_at_once({"r01", "r02", "r03", "r04", "r05", "r06"});
  EXPECT_EQ(because("many_wait"), 4);
  EXPECT_GT(frame_bytes() - thorough, 1.1 * 6 * thorough);
}

}  // namespace
}  // namespace cistern::test

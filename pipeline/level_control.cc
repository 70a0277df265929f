#include "pipeline/level_control.h"

#include <array>

namespace cistern {
namespace {

constexpr std::array<LevelControl::Choice, 3> kSteps{
    {{{6}, "workers_free"}, {{1}, "some_wait"}, {{Level::kFastest}, "many_wait"}}};
// A step is entered when more than this many deliveries a worker are at hand, and left below half of it:
// between the two the level stays, so that it does not flicker.
constexpr std::array<uint64_t, 3> kEnterAbove{0, 2, 4};

}  // namespace

LevelControl::Choice LevelControl::choose(uint64_t queued) {
  const int fixed = fixed_.load(std::memory_order_relaxed);
  if (fixed != kByPressure) return {{fixed}, "configured"};
  auto step = static_cast<size_t>(step_.load(std::memory_order_relaxed));
  while (step + 1 < kSteps.size() && queued > kEnterAbove[step + 1] * workers_) ++step;
  while (step > 0 && 2 * queued <= kEnterAbove[step] * workers_) --step;
  step_.store(static_cast<int>(step), std::memory_order_relaxed);
  return kSteps[step];
}

}  // namespace cistern

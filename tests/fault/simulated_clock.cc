#include "tests/fault/simulated_clock.h"

#include <algorithm>
#include <utility>

namespace cistern::test {

void SimulatedClock::after_ms(int64_t delay_ms, std::function<void()> then) {
  timers_.emplace(now_ms_ + std::max<int64_t>(delay_ms, 0), Timer{std::move(then), false});
}

void SimulatedClock::world_after_ms(int64_t delay_ms, std::function<void()> then) {
  timers_.emplace(now_ms_ + std::max<int64_t>(delay_ms, 0), Timer{std::move(then), true});
}

bool SimulatedClock::fire_next() {
  if (timers_.empty()) return false;
  auto next = timers_.extract(timers_.begin());  // out of the table first: it may set timers itself
  now_ms_ = next.key();
  next.mapped().then();
  return true;
}

void SimulatedClock::forget_process() {
  std::erase_if(timers_, [](const auto& timer) { return !timer.second.of_the_world; });
}

}  // namespace cistern::test

// Virtual time: it stands still until the simulation moves it on to the next timer. Timers are of two kinds,
// those of the simulated process, which end with it, and those of the world around it. For one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "pipeline/clock.h"

namespace cistern::test {

class SimulatedClock : public Clock {
 public:
  int64_t wall_ms() const override { return now_ms_ + wall_offset_ms_; }
  int64_t steady_ns() const override { return now_ms_ * 1'000'000; }
  void after_ms(int64_t delay_ms, std::function<void()> then) override;

  // The same for what goes on outside of the process: the sender, the network, the store.
  void world_after_ms(int64_t delay_ms, std::function<void()> then);
  // Moves on to the earliest timer and calls it. False: there is none.
  bool fire_next();
  // The process ended: its timers will not fire.
  void forget_process();
  // From now on the process's wall clock is wrong by this much.
  void set_wall_offset_ms(int64_t offset_ms) { wall_offset_ms_ = offset_ms; }
  int64_t true_ms() const { return now_ms_; }

 private:
  struct Timer {
    std::function<void()> then;
    bool of_the_world = false;
  };

  int64_t now_ms_ = 1'795'248'000'000;  // 2026-11-21T08:00Z
  int64_t wall_offset_ms_ = 0;
  std::multimap<int64_t, Timer> timers_;  // by when; equal ones in the order they were set
};

}  // namespace cistern::test

// How hard to compress: by configuration, or by how much work waits. Idle workers can afford small objects; a
// queue wants speed.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "pipeline/codec.h"

namespace cistern {

class LevelControl {
 public:
  // `fixed` empty: by pressure.
  LevelControl(std::optional<Level> fixed, uint64_t workers) : workers_(workers ? workers : 1) { use(fixed); }

  // From the next delivery on. Any thread.
  void use(std::optional<Level> fixed) {
    fixed_.store(fixed ? fixed->value : kByPressure, std::memory_order_relaxed);
  }

  struct Choice {
    Level level;
    const char* reason;  // configured, workers_free, some_wait, many_wait
  };
  // `queued`: deliveries that are being decoded or wait for a worker, this one included. Any thread.
  Choice choose(uint64_t queued);

 private:
  static constexpr int kByPressure = -1;

  std::atomic<int> fixed_{kByPressure};
  const uint64_t workers_;
  std::atomic<int> step_{0};  // 0: thorough, 1: quick, 2: fastest
};

}  // namespace cistern

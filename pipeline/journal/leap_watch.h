// Whether ages by the wall clock can be believed: a clock that was set, or a machine that slept, makes what
// happened a minute ago look hours old. One thread.
#pragma once

#include <cstdint>

#include "pipeline/clock.h"

namespace cistern {

class LeapWatch {
 public:
  // Whether the wall clock is known to have run evenly for the last `ms`: never sooner than `ms` after the
  // first call, since nothing is known of the time before it. Call it often; slow corrections are no leaps.
  bool even_for_ms(int64_t ms, const Clock& clock) {
    const int64_t steady_ms = clock.steady_ms();
    const int64_t offset_ms = clock.wall_ms() - steady_ms;
    const int64_t leap_ms = offset_ms - offset_ms_;
    if (!called_ || leap_ms > kLeapMs || leap_ms < -kLeapMs) even_since_ms_ = steady_ms;
    called_ = true;
    offset_ms_ = offset_ms;
    return steady_ms - even_since_ms_ >= ms;
  }

 private:
  static constexpr int64_t kLeapMs = 10'000;

  bool called_ = false;
  int64_t offset_ms_ = 0;      // of the wall clock to the steady one, at the last call
  int64_t even_since_ms_ = 0;  // steady
};

}  // namespace cistern

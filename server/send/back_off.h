// Firehose's waits between the tries of one delivery: 1 s * 2^n with 15 % jitter, at most 120 s, until the
// retry duration is used up. Waits for answers are not part of that duration.
#pragma once

#include <cstdint>
#include <optional>

#include "server/send/send_rng.h"

namespace cistern {

class BackOff {
 public:
  // `scale` shortens what next_ms() says and leaves the number of tries as it is: for tests. `rng` must
  // outlive it.
  BackOff(int64_t retry_duration_ms, double scale, SendRng& rng)
      : left_ms_(static_cast<double>(retry_duration_ms)), scale_(scale), rng_(rng) {}

  // How long to wait before the next try; nullopt: give up.
  std::optional<int64_t> next_ms();

 private:
  double left_ms_;
  double scale_;
  SendRng& rng_;
  double base_ms_ = 1000;
};

}  // namespace cistern

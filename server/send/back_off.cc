#include "server/send/back_off.h"

#include <algorithm>

namespace cistern {

std::optional<int64_t> BackOff::next_ms() {
  constexpr double kCapMs = 120'000;
  const double jitter = 0.85 + 0.3 * rng_.fraction();
  const double wait_ms = std::min(base_ms_ * jitter, kCapMs);
  base_ms_ = std::min(base_ms_ * 2, 2 * kCapMs);
  left_ms_ -= wait_ms;
  if (left_ms_ < 0) return std::nullopt;
  return static_cast<int64_t>(wait_ms * scale_);
}

}  // namespace cistern

// The time that requests are signed with. A server refuses a signature that is more than some minutes off;
// when it does, its answer's Date header tells what time it is there, and from then on that is the time. The
// machine's clock being set later is found the same way.
#pragma once

#include <atomic>
#include <cstdint>

#include "pipeline/clock.h"
#include "pipeline/store/http_message.h"

namespace cistern {

// Any thread. The clock must outlive it.
class ServerTime {
 public:
  explicit ServerTime(const Clock& clock) : clock_(clock) {}

  int64_t wall_ms() const { return clock_.wall_ms() + skew_ms_.load(std::memory_order_relaxed); }
  // From the answer's Date. True: the time is now another one by more than a minute, so that a request that
  // was refused for its time is worth signing again.
  bool learn(const HttpResponse& response);

 private:
  const Clock& clock_;
  std::atomic<int64_t> skew_ms_{0};
};

}  // namespace cistern

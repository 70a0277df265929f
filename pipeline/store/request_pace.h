// How often a server in trouble is asked: a budget of requests that successes fill up again, and a pause
// where the server asks for one. Never a storm: once the budget is used up, one request a second finds out
// whether the server is back, and each success lets two more go.
//
// Plain arithmetic over the times that are passed in (of one steady clock, milliseconds). Any thread.
#pragma once

#include <cstdint>
#include <mutex>

namespace cistern {

class RequestPace {
 public:
  static constexpr int64_t kProbeMs = 1'000;
  static constexpr int64_t kLongestPauseMs = 60'000;

  // The budget is enough for four failures of each of `requests_at_once`.
  explicit RequestPace(uint64_t requests_at_once);

  // 0: send now, and tell of the outcome. Else: milliseconds to wait before asking again.
  int64_t start(int64_t now_ms);
  void succeeded();
  // The server asked for it (Retry-After): nothing is sent before. Longer ones are cut.
  void pause(int64_t now_ms, int64_t pause_ms);

 private:
  std::mutex mutex_;
  const uint64_t most_;
  uint64_t budget_;
  int64_t next_probe_ms_ = INT64_MIN;
  int64_t paused_until_ms_ = INT64_MIN;
};

}  // namespace cistern

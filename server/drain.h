// The ordered shutdown: each step begins when the one before is done; all of it has one time-out. What is
// left then is in the journal and goes out at the next start.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <string>

#include "pipeline/clock.h"

namespace cistern {

// Used on the io executor, one call at a time.
class Drain {
 public:
  using Step = std::function<void(std::function<void()> done)>;

  // `finish` is called once: when all steps are done (`clean`), when the time is up, or on a second start().
  using Finish = std::function<void(bool clean)>;
  Drain(Clock& clock, int64_t timeout_ms, Finish finish);

  void then(std::string name, Step step);
  // Begins; called again while draining it ends at once.
  void start();
  bool started() const { return started_; }  // any thread

 private:
  void next();
  void end(bool clean, const char* event, const char* text);

  Clock& clock_;
  const int64_t timeout_ms_;
  Finish finish_;
  std::deque<std::pair<std::string, Step>> steps_;
  std::atomic<bool> started_{false};
};

}  // namespace cistern

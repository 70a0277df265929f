// The ordered shutdown: each step begins when the one before is done, or when its own time is up; all of it
// has one time-out. What is left then is in the journal and goes out at the next start.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "pipeline/clock.h"

namespace cistern {

// Everything happens on `control`, one thing at a time.
class Drain {
 public:
  using Step = std::function<void(std::function<void()> done)>;  // done: any thread, any number of times
  // Called once. `clean`: every step was done in its time, so that nothing is in use any more.
  using Finish = std::function<void(bool clean)>;

  Drain(boost::asio::any_io_executor control, Clock& clock, int64_t timeout_ms, Finish finish);

  // `most_ms`: after that long the next step begins all the same.
  void then(std::string name, int64_t most_ms, Step step);
  // Begins; called again while draining it ends at once.
  void start();
  bool started() const { return started_; }  // any thread

 private:
  struct Named {
    std::string name;
    int64_t most_ms;
    Step step;
  };
  void next();
  void step_ended(uint64_t number, bool in_time);
  void after_ms(int64_t delay_ms, std::function<void()> call);
  void end(bool clean, const char* event, const char* text);

  const boost::asio::any_io_executor control_;
  Clock& clock_;
  const int64_t timeout_ms_;
  Finish finish_;
  std::deque<Named> steps_;
  std::string running_;
  uint64_t number_ = 0;  // of the step that runs
  bool clean_ = true;
  std::atomic<bool> started_{false};
};

}  // namespace cistern

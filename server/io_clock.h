// The clock of a process: the system's time, and timers on an io_context, which outlives it. Any thread.
#pragma once

#include <boost/asio/io_context.hpp>

#include "pipeline/clock.h"

namespace cistern {

class IoClock : public Clock {
 public:
  explicit IoClock(boost::asio::io_context& io) : io_(io) {}
  int64_t wall_ms() const override;
  int64_t steady_ns() const override;
  void after_ms(int64_t delay_ms, std::function<void()> then) override;

 private:
  boost::asio::io_context& io_;
};

}  // namespace cistern

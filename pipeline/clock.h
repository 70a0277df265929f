// The only door to time. Implemented in server/runtime (and by tests, with virtual time).
#pragma once

#include <cstdint>
#include <functional>

namespace cistern {

class Clock {
 public:
  virtual ~Clock() = default;
  // Milliseconds since 1970-01-01T00:00Z; may jump either way.
  virtual int64_t wall_ms() const = 0;
  // Nanoseconds since an arbitrary start; never goes back.
  virtual int64_t steady_ns() const = 0;
  int64_t steady_ms() const { return steady_ns() / 1'000'000; }
  // Calls `then` once on the io executor after `delay_ms`; not at all once the runtime has stopped. Any
  // thread.
  virtual void after_ms(int64_t delay_ms, std::function<void()> then) = 0;
};

}  // namespace cistern

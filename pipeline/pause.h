// A coroutine's wait for a time.
#pragma once

#include <cstdint>

#include "pipeline/call_on.h"
#include "pipeline/clock.h"

namespace cistern {

// Resumes on the coroutine's own executor; not at all once the clock's runtime has stopped.
inline boost::asio::awaitable<void> pause(Clock& clock, int64_t ms) {
  const auto start = [&clock, ms](auto done) { clock.after_ms(ms, [done] { done(true); }); };
  co_await wait_for<bool>(start);
}

}  // namespace cistern

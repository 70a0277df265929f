#include "server/io_clock.h"

#include <chrono>
#include <memory>

#include <boost/asio/steady_timer.hpp>

namespace cistern {

int64_t IoClock::wall_ms() const {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

int64_t IoClock::steady_ns() const {
  using namespace std::chrono;
  return duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
}

void IoClock::after_ms(int64_t delay_ms, std::function<void()> then) {
  auto timer = std::make_shared<boost::asio::steady_timer>(io_, std::chrono::milliseconds(delay_ms));
  timer->async_wait([timer, then = std::move(then)](const boost::system::error_code& stopped) {
    if (!stopped) then();
  });
}

}  // namespace cistern

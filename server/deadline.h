// The one watchdog of a connection. Setting it again is a store, not a timer operation, as long as the time
// moves on: a body's reads each set it. Used on the connection's strand only.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace cistern {

class Deadline {
 public:
  // `expire` runs on `strand` when the time is over, and not after the Deadline is gone.
  Deadline(const boost::asio::any_io_executor& strand, std::function<void()> expire)
      : state_(std::make_shared<State>(strand, std::move(expire))) {}
  ~Deadline() {
    state_->expire = nullptr;
    state_->timer.cancel();
  }
  Deadline(Deadline&&) = delete;

  void set_ms(int64_t from_now) {
    state_->expired = false;
    state_->at = Timer::clock_type::now() + std::chrono::milliseconds(from_now);
    if (!state_->armed || state_->at < state_->timer.expiry()) arm(state_);
  }
  void off() { state_->at = Timer::time_point::max(); }
  bool expired() const { return state_->expired; }

 private:
  using Timer = boost::asio::steady_timer;
  struct State {
    State(const boost::asio::any_io_executor& strand, std::function<void()> then)
        : timer(strand), expire(std::move(then)) {}
    Timer timer;
    Timer::time_point at = Timer::time_point::max();
    std::function<void()> expire;
    bool armed = false;
    bool expired = false;
  };

  static void arm(const std::shared_ptr<State>& state) {
    state->armed = true;
    state->timer.expires_at(state->at);
    state->timer.async_wait([state](boost::system::error_code error) {
      if (error) return;  // armed anew for an earlier time, or gone
      state->armed = false;
      if (state->expire == nullptr || state->at == Timer::time_point::max()) return;
      if (Timer::clock_type::now() < state->at) return arm(state);
      state->expired = true;
      state->expire();
    });
  }

  std::shared_ptr<State> state_;
};

}  // namespace cistern

#include "server/send/sender.h"

#include <algorithm>
#include <exception>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "pipeline/pause.h"
#include "server/send/back_off.h"

namespace cistern {

namespace asio = boost::asio;

Sender::Sender(const SendOptions& options, Parts parts)
    : options_(options), parts_(std::move(parts)), rng_(options.seed + 4) {}

void Sender::start(std::function<void()> done) {
  done_ = std::move(done);
  next_turn_ns_ = parts_.clock.steady_ns();
  running_ = options_.connections;
  for (uint64_t i = 0; i < options_.connections; ++i) {
    asio::co_spawn(parts_.executor, run_connection(), [this](std::exception_ptr thrown) {
      if (thrown) std::rethrow_exception(thrown);
      if (--running_ == 0) done_();
    });
  }
}

asio::awaitable<void> Sender::run_connection() {
  while (!no_more_) {
    co_await wait_turn();
    if (no_more_) break;
    Delivery delivery = co_await parts_.next();
    if (delivery == nullptr) break;
    co_await send(std::move(delivery));
  }
}

// Turns are given out at the rate, to whichever connection is free; what was missed is not made up for.
asio::awaitable<void> Sender::wait_turn() {
  if (options_.rate <= 0) co_return;
  const int64_t now_ns = parts_.clock.steady_ns();
  const int64_t turn_ns = std::max(next_turn_ns_, now_ns);
  next_turn_ns_ = turn_ns + static_cast<int64_t>(1e9 / options_.rate);
  co_await wait((turn_ns - now_ns) / 1'000'000);
}

asio::awaitable<void> Sender::send(Delivery delivery) {
  using namespace asio::experimental::awaitable_operators;
  if (parts_.file != nullptr && !check(parts_.file->sent(delivery->claims))) co_return;
  parts_.report.started(*delivery);
  if (delivery->repeat == 0) {
    finished(*delivery, co_await deliver(delivery));
    co_return;
  }
  // A repeat comes when an answer was lost, or while the first try is still being worked on.
  if (rng_.chance(0.5)) {
    const auto [first, second] = co_await (deliver(delivery) && deliver(delivery));
    finished(*delivery, first || second);
    parts_.report.repeated(first && second);
  } else {
    finished(*delivery, co_await deliver(delivery));
    parts_.report.repeated(co_await deliver(delivery));
  }
}

asio::awaitable<bool> Sender::deliver(Delivery delivery) {
  BackOff back_off(options_.retry_duration_ms, options_.back_off_scale, rng_);
  for (;;) {
    const int64_t started_ns = parts_.clock.steady_ns();
    const Result<HttpResponse> answer = co_await parts_.post(delivery);
    const Verdict verdict = judge_answer(answer, delivery->request_id);
    parts_.report.tried(verdict, parts_.clock.steady_ns() - started_ns);
    if (verdict.outcome == Verdict::Outcome::delivered) co_return true;
    if (verdict.outcome == Verdict::Outcome::permanent || stopping_) co_return false;
    const std::optional<int64_t> wait_ms = back_off.next_ms();
    if (!wait_ms) co_return false;
    co_await wait(*wait_ms);
    if (stopping_) co_return false;
    parts_.report.retrying();
  }
}

// In steps, so that stop() need not wait for two minutes.
asio::awaitable<void> Sender::wait(int64_t wait_ms) {
  constexpr int64_t kStepMs = 250;
  const int64_t until_ns = parts_.clock.steady_ns() + wait_ms * 1'000'000;
  for (int64_t left_ms = wait_ms; left_ms > 0 && !stopping_;
       left_ms = (until_ns - parts_.clock.steady_ns()) / 1'000'000) {
    co_await pause(parts_.clock, std::min(left_ms, kStepMs));
  }
}

void Sender::finished(const SendDelivery& delivery, bool acknowledged) {
  parts_.report.finished(delivery, acknowledged);
  if (parts_.file != nullptr) check(parts_.file->outcome(delivery.request_id, acknowledged));
}

bool Sender::check(Result<> written) {
  if (written) return true;
  broken_ = written.error();
  stop();
  return false;
}

}  // namespace cistern

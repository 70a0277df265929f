#include "server/drain.h"

#include <utility>

#include <boost/asio/post.hpp>

#include "pipeline/log.h"

namespace cistern {

Drain::Drain(boost::asio::any_io_executor control, Clock& clock, int64_t timeout_ms, Finish finish)
    : control_(std::move(control)), clock_(clock), timeout_ms_(timeout_ms), finish_(std::move(finish)) {}

void Drain::then(std::string name, int64_t most_ms, Step step) {
  steps_.push_back({std::move(name), most_ms, std::move(step)});
}

void Drain::start() {
  if (started_.exchange(true)) {
    return end(false, "drain_cut_short", "ended by a second signal; what is not stored is in the journal");
  }
  log_info("drain_began", "no new deliveries; finishing what is in flight", {{"timeout_ms", timeout_ms_}});
  after_ms(timeout_ms_, [this] {
    end(false, "drain_timed_out",
        "the drain's time is up; what is not stored is in the journal and goes out at the next start");
  });
  next();
}

void Drain::next() {
  if (steps_.empty()) return end(clean_, "drained", "everything that was taken is answered and stored");
  Named step = std::move(steps_.front());
  steps_.pop_front();
  running_ = std::move(step.name);
  const uint64_t number = ++number_;
  after_ms(step.most_ms, [this, number] { step_ended(number, false); });
  step.step([this, number] { boost::asio::post(control_, [this, number] { step_ended(number, true); }); });
}

void Drain::step_ended(uint64_t number, bool in_time) {
  if (number != number_ || !finish_) return;
  if (!in_time) {
    clean_ = false;
    log_warning("drain_step_cut_short", "a step of the drain took too long; the next one begins",
                {{"step", running_}});
  }
  next();
}

void Drain::after_ms(int64_t delay_ms, std::function<void()> call) {
  clock_.after_ms(delay_ms, [this, call = std::move(call)] { boost::asio::post(control_, call); });
}

void Drain::end(bool clean, const char* event, const char* text) {
  if (!finish_) return;
  log_info(event, text);
  std::exchange(finish_, nullptr)(clean);
}

}  // namespace cistern

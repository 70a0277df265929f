#include "server/drain.h"

#include <utility>

#include "pipeline/log.h"

namespace cistern {

Drain::Drain(Clock& clock, int64_t timeout_ms, Finish finish)
    : clock_(clock), timeout_ms_(timeout_ms), finish_(std::move(finish)) {}

void Drain::then(std::string name, Step step) { steps_.emplace_back(std::move(name), std::move(step)); }

void Drain::start() {
  if (started_)
    return end(false, "drain_cut_short", "ended by a second signal; what is not stored is in the journal");
  started_ = true;
  log_info("drain_began", "no new deliveries; finishing what is in flight", {{"timeout_ms", timeout_ms_}});
  clock_.after_ms(timeout_ms_, [this] {
    end(false, "drain_timed_out",
        "the drain's time is up; what is not stored is in the journal and goes out at the next start");
  });
  next();
}

void Drain::next() {
  if (steps_.empty()) return end(true, "drained", "everything is answered and stored");
  auto [name, step] = std::move(steps_.front());
  steps_.pop_front();
  log_debug("drain_step", name);
  // The next step begins on the io executor, wherever this one ended.
  step([this] { clock_.after_ms(0, [this] { next(); }); });
}

void Drain::end(bool clean, const char* event, const char* text) {
  if (!finish_) return;
  log_info(event, text);
  std::exchange(finish_, nullptr)(clean);
}

}  // namespace cistern

#include "server/status/status_board.h"

#include <utility>

#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>

#include "server/runtime.h"
#include "server/status/status_document.h"

namespace cistern {

namespace asio = boost::asio;

StatusBoard::StatusBoard(StatusSources sources, asio::any_io_executor control, asio::any_io_executor disk,
                         Clock& clock)
    : sources_(sources),
      control_(std::move(control)),
      disk_(std::move(disk)),
      clock_(clock),
      started_ms_(clock.wall_ms()),
      activity_(sources.metrics) {
  asio::post(control_, [this] { look(); });
  every_ms(clock_, Activity::kPeriodMs, [this] { asio::post(control_, [this] { look(); }); });
}

void StatusBoard::look() { activity_.look(clock_.steady_ms(), clock_.wall_ms()); }

void StatusBoard::ask(OnDocument done) {
  asio::post(control_, [this, done = std::move(done)]() mutable { answer_or_wait(std::move(done)); });
}

void StatusBoard::answer_or_wait(OnDocument done) {
  if (latest_ && clock_.steady_ms() - latest_steady_ms_ < kFreshMs) return done(latest_);
  waiting_.push_back(std::move(done));
  if (waiting_.size() > 1) return;
  if (!counting_) count_partitions();
  clock_.after_ms(kDiskMs, [this] {
    asio::post(control_, [this] {
      if (counting_) answer_all();
    });
  });
}

void StatusBoard::count_partitions() {
  counting_ = true;
  const int64_t now_ms = clock_.wall_ms();
  asio::post(disk_, [this, now_ms] {
    auto open = count_open(sources_.partitions, now_ms);
    asio::post(control_, [this, open = std::move(open)]() mutable { counted(std::move(open)); });
  });
}

void StatusBoard::counted(OpenPartitions open) {
  open_.emplace(std::move(open));
  open_ms_ = clock_.wall_ms();
  counting_ = false;
  answer_all();
}

void StatusBoard::answer_all() {
  if (waiting_.empty()) return;
  const StatusMoment moment{clock_.wall_ms(),          started_ms_, activity_,
                            open_ ? &*open_ : nullptr, open_ms_,    counting_};
  latest_ = std::make_shared<const nlohmann::ordered_json>(status_document(sources_, moment));
  latest_steady_ms_ = clock_.steady_ms();
  for (const OnDocument& done : std::exchange(waiting_, {})) done(latest_);
}

}  // namespace cistern

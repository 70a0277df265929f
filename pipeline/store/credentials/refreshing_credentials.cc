#include "pipeline/store/credentials/refreshing_credentials.h"

#include <algorithm>
#include <functional>
#include <mutex>
#include <optional>
#include <random>
#include <vector>

#include <boost/asio/co_spawn.hpp>

#include "pipeline/call_on.h"
#include "pipeline/log.h"
#include "pipeline/utc_time.h"

namespace cistern {

namespace asio = boost::asio;

namespace {

constexpr int64_t kLongestLeadMs = 15 * 60'000;
constexpr int64_t kFirstRetryMs = 1'000;
constexpr int64_t kLongestRetryMs = 60'000;

class RefreshingCredentials : public CredentialSource,
                              public std::enable_shared_from_this<RefreshingCredentials> {
 public:
  RefreshingCredentials(std::unique_ptr<CredentialProvider> provider, const CredentialDoors& doors)
      : provider_(std::move(provider)),
        clock_(doors.clock),
        io_(doors.io),
        random_(static_cast<std::minstd_rand::result_type>(doors.clock.steady_ns())) {}

  asio::awaitable<Result<Credentials>> credentials() override {
    const auto start = [this](Waiter done) { ask(std::move(done)); };
    co_return co_await wait_for<Result<Credentials>>(start);
  }

  void refused(const Credentials& credentials) override {
    const std::lock_guard lock(mutex_);
    if (held_ && held_->secret_access_key == credentials.secret_access_key &&
        held_->session_token == credentials.session_token)
      held_.reset();
  }

  const std::string& name() const override { return provider_->name(); }

 private:
  using Waiter = std::function<void(Result<Credentials>)>;

  // Answers, or makes the caller wait for the flight.
  void ask(Waiter done) {
    std::unique_lock lock(mutex_);
    const bool usable = held_ && clock_.wall_ms() < usable_until_ms_;
    const bool wanted = !usable || clock_.wall_ms() >= due_ms_;
    const bool allowed = !flying_ && clock_.steady_ms() >= next_try_ms_;
    const bool takes_off = wanted && allowed;
    flying_ = flying_ || takes_off;
    if (usable) {
      done(*held_);
    } else if (flying_) {
      waiters_.push_back(std::move(done));
    } else {
      done(*failure_);
    }
    lock.unlock();
    if (takes_off) take_off();
  }

  void take_off() {
    asio::co_spawn(io_, fly(shared_from_this()), [](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
    });
  }

  static asio::awaitable<void> fly(std::shared_ptr<RefreshingCredentials> self) {
    self->land(co_await self->provider_->fetch());
  }

  void land(Result<Credentials> fetched) {
    std::unique_lock lock(mutex_);
    fetched ? keep(fetched.value()) : put_off(fetched.error());
    flying_ = false;
    const Result<Credentials> outcome =
        fetched ? Result<Credentials>(*held_) : Result<Credentials>(*failure_);
    const auto waiters = std::exchange(waiters_, {});
    lock.unlock();
    for (const Waiter& waiter : waiters) waiter(outcome);
  }

  void keep(const Credentials& fresh) {
    held_ = fresh;
    failures_ = 0;
    next_try_ms_ = 0;
    usable_until_ms_ = due_ms_ = INT64_MAX;
    if (!fresh.expires_ms) return log_debug("credentials", "fetched", {{"source", name()}});
    const int64_t now = clock_.wall_ms();
    const int64_t lifetime = *fresh.expires_ms - now;
    if (lifetime <= 0) return keep_for_a_moment(now);
    const int64_t lead = std::min(kLongestLeadMs, lifetime / 4);
    usable_until_ms_ = *fresh.expires_ms;
    due_ms_ = usable_until_ms_ - lead - up_to(lead / 2);
    log_info("credentials", "fetched", {{"source", name()}, {"expires", utc_seconds(*fresh.expires_ms)}});
  }

  void keep_for_a_moment(int64_t now) {
    usable_until_ms_ = due_ms_ = now + kLongestRetryMs;
    log_warning("credentials_expired",
                "what was fetched has expired already by this machine's clock: look at the clock",
                {{"source", name()}, {"expires", utc_seconds(*held_->expires_ms)}});
  }

  void put_off(const Error& error) {
    const int64_t longest = std::min(kLongestRetryMs, kFirstRetryMs << std::min(failures_++, 10));
    next_try_ms_ = clock_.steady_ms() + longest - up_to(longest / 2);
    std::string text = "the S3 credentials of the " + name();
    if (held_) text += " expired at " + utc_seconds(usable_until_ms_) + " and";
    failure_ = Error{error.kind, text + " cannot be fetched: " + error.what};
    if (held_ && clock_.wall_ms() < usable_until_ms_) {
      log_warning("credentials_not_renewed", error.what,
                  {{"source", name()}, {"used_until", utc_seconds(usable_until_ms_)}});
    }
  }

  int64_t up_to(int64_t most) { return std::uniform_int_distribution<int64_t>(0, most)(random_); }

  const std::unique_ptr<CredentialProvider> provider_;
  const Clock& clock_;
  const asio::any_io_executor io_;
  std::mutex mutex_;
  std::minstd_rand random_;
  std::optional<Credentials> held_;
  int64_t usable_until_ms_ = 0;  // wall clock
  int64_t due_ms_ = 0;           // wall clock
  int failures_ = 0;             // since the last success
  int64_t next_try_ms_ = 0;      // steady clock
  std::optional<Error> failure_;
  bool flying_ = false;
  std::vector<Waiter> waiters_;
};

}  // namespace

std::shared_ptr<CredentialSource> refreshing_credentials(std::unique_ptr<CredentialProvider> provider,
                                                         const CredentialDoors& doors) {
  return std::make_shared<RefreshingCredentials>(std::move(provider), doors);
}

}  // namespace cistern

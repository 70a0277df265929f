// See admission.h. Owned by the HTTP edge.
#include "handlers/admission.h"

#include <algorithm>
#include <map>
#include <mutex>

namespace cistern {
namespace {

// Firehose's first tries again come within this time.
constexpr int64_t kWaitMs = 60'000;

}  // namespace

struct Admission::Holder {
  uint64_t held = 0;
  int64_t waits_until_ms = INT64_MIN;  // was refused for want of room, and has not been seen to give up
};

struct Admission::State {
  State(uint64_t bytes, const Clock& time, prometheus::Gauge& used_bytes)
      : clock(time), capacity(bytes), gauge(&used_bytes) {}

  uint64_t share_of(const Holder& one, int64_t now_ms) const {
    uint64_t others = 0;
    for (const auto& [name, holder] : holders)
      if (&holder != &one && holder.waits_until_ms > now_ms) ++others;
    return capacity / (1 + others);
  }
  Result<> take(Holder& holder, uint64_t quota, uint64_t by_this_lease, uint64_t more);

  const Clock& clock;
  std::mutex mutex;  // guards what follows
  uint64_t capacity;
  prometheus::Gauge* gauge;  // null once the Admission is gone
  uint64_t used = 0;
  std::map<std::string, Holder> holders;  // their addresses stay
};

Result<> Admission::State::take(Holder& holder, uint64_t quota, uint64_t by_this_lease, uint64_t more) {
  const bool alone = holder.held == by_this_lease;
  auto beyond = [&](uint64_t bound) { return holder.held > bound || more > bound - holder.held; };
  if (quota != 0 && !alone && beyond(quota))
    return over_quota(
        "This access key's own quota of " + std::to_string(quota) +
        " bytes in flight is reached. Send again later; access_keys[].in_flight_bytes sets it.");
  const int64_t now_ms = clock.steady_ms();
  const uint64_t share = share_of(holder, now_ms);
  const bool fits = used <= capacity && more <= capacity - used;
  if (!fits && holder.held < share) holder.waits_until_ms = now_ms + kWaitMs;
  if (!fits)
    return busy(
        "Too many bytes are in flight here. Send again later; limits.in_flight_bytes sets the bound.");
  if (!alone && beyond(share))
    return busy(
        "Other access keys wait, and this one has its share of the bytes in flight. Send again later; "
        "limits.in_flight_bytes sets the bound.");
  used += more;
  holder.held += more;
  return ok();
}

Result<> Admission::Lease::grow(uint64_t more) {
  std::lock_guard lock(from_->mutex);
  CISTERN_TRY(from_->take(*holder_, quota_, held_, more));
  held_ += more;
  if (from_->gauge != nullptr) from_->gauge->Increment(static_cast<double>(more));
  return ok();
}

void Admission::Lease::give_back(uint64_t bytes) {
  if (from_ == nullptr || bytes == 0) return;
  std::lock_guard lock(from_->mutex);
  held_ -= bytes;
  holder_->held -= bytes;
  from_->used -= bytes;
  if (from_->gauge != nullptr) from_->gauge->Decrement(static_cast<double>(bytes));
}

Admission::Admission(uint64_t capacity_bytes, const Clock& clock, prometheus::Gauge& used)
    : state_(std::make_shared<State>(capacity_bytes, clock, used)) {}

Admission::~Admission() {
  std::lock_guard lock(state_->mutex);
  state_->gauge = nullptr;
}

void Admission::set_capacity(uint64_t capacity_bytes) {
  std::lock_guard lock(state_->mutex);
  state_->capacity = capacity_bytes;
}

Admission::Lease Admission::lease(const std::string& holder, uint64_t quota) {
  std::lock_guard lock(state_->mutex);
  Lease made;
  made.from_ = state_;
  made.holder_ = &state_->holders[holder];
  made.quota_ = quota;
  return made;
}

}  // namespace cistern

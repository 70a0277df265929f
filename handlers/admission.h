// One byte budget for all deliveries that are being read or worked on: a lease is taken before bytes are read
// and ends with them. Leases have holders, by name (the access key): each may have a quota of its own, and
// while others are refused for want of room, nobody has more than a fair share. Any thread. Leases may
// outlive it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <prometheus/gauge.h>

#include "pipeline/clock.h"
#include "pipeline/result.h"

namespace cistern {

class Admission {
  struct State;
  struct Holder;

 public:
  // Used by one thread at a time.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept
        : from_(std::move(other.from_)),
          holder_(other.holder_),
          quota_(other.quota_),
          held_(std::exchange(other.held_, 0)) {}
    Lease& operator=(Lease&& other) noexcept {
      std::swap(from_, other.from_);
      std::swap(holder_, other.holder_);
      std::swap(quota_, other.quota_);
      std::swap(held_, other.held_);
      return *this;
    }
    ~Lease() { give_back(held_); }

    // What is held stays after an error. `busy`: the budget does not hold `more`, or others wait and this is
    // beyond the holder's share. `over_quota`: beyond its quota. Neither share nor quota stops a holder's
    // only lease: what is large comes through alone.
    Result<> grow(uint64_t more);
    Result<> grow_to(uint64_t bytes) { return bytes > held_ ? grow(bytes - held_) : Result<>(ok()); }
    void give_back(uint64_t bytes);
    void shrink_to(uint64_t bytes) { give_back(bytes < held_ ? held_ - bytes : 0); }
    uint64_t held() const { return held_; }

   private:
    friend class Admission;
    std::shared_ptr<State> from_;
    Holder* holder_ = nullptr;  // in from_
    uint64_t quota_ = 0;
    uint64_t held_ = 0;
  };

  // The clock outlives the leases; the gauge only this.
  Admission(uint64_t capacity_bytes, const Clock& clock, prometheus::Gauge& used);
  ~Admission();
  Admission(Admission&&) = delete;

  // From here on; what is held beyond it stays, and nothing is lent until it has come back.
  void set_capacity(uint64_t capacity_bytes);
  // `quota`: bytes of all leases of this holder; 0: none. Holders are remembered: names of a bounded set
  // only.
  Lease lease(const std::string& holder = {}, uint64_t quota = 0);

 private:
  const std::shared_ptr<State> state_;
};

}  // namespace cistern

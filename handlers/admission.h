// One byte budget for all bodies that are being read or worked on: a lease is taken before bytes are read and
// given back when the delivery is answered. Any thread. Must outlive its leases.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include <prometheus/gauge.h>

#include "pipeline/result.h"

namespace cistern {

class Admission {
 public:
  class Lease {
   public:
    Lease() = default;
    explicit Lease(Admission& from) : from_(&from) {}
    Lease(Lease&& other) noexcept
        : from_(std::exchange(other.from_, nullptr)), held_(std::exchange(other.held_, 0)) {}
    Lease& operator=(Lease&& other) noexcept {
      std::swap(from_, other.from_);
      std::swap(held_, other.held_);
      return *this;
    }
    ~Lease() { give_back(held_); }

    // Error `busy`: the budget does not hold `more`; what is held stays.
    Result<> grow(uint64_t more);
    void give_back(uint64_t bytes);
    uint64_t held() const { return held_; }

   private:
    Admission* from_ = nullptr;
    uint64_t held_ = 0;
  };

  Admission(uint64_t capacity_bytes, prometheus::Gauge& used) : capacity_(capacity_bytes), gauge_(used) {}
  Lease lease() { return Lease(*this); }

 private:
  const uint64_t capacity_;
  std::atomic<uint64_t> used_ = 0;
  prometheus::Gauge& gauge_;
};

}  // namespace cistern

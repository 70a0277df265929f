// See admission.h. Owned by the HTTP edge.
#include "handlers/admission.h"

namespace cistern {

Result<> Admission::Lease::grow(uint64_t more) {
  uint64_t used = from_->used_.load();
  do {
    if (more > from_->capacity_ - used)
      return busy(
          "Too many bytes are in flight here. Send again later; limits.in_flight_bytes sets the bound.");
  } while (!from_->used_.compare_exchange_weak(used, used + more));
  held_ += more;
  from_->gauge_.Increment(static_cast<double>(more));
  return ok();
}

void Admission::Lease::give_back(uint64_t bytes) {
  if (from_ == nullptr || bytes == 0) return;
  held_ -= bytes;
  from_->used_ -= bytes;
  from_->gauge_.Decrement(static_cast<double>(bytes));
}

}  // namespace cistern

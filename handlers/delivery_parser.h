// A delivery's JSON document (protocol rules B1 to B7): {"requestId","timestamp","records":[{"data"}...]}.
#pragma once

#include <cstdint>
#include <memory>

#include "pipeline/delivery.h"
#include "pipeline/result.h"

namespace cistern {

// Holds scratch memory that is reused: one per thread.
class DeliveryParser {
 public:
  DeliveryParser();
  ~DeliveryParser();
  DeliveryParser(DeliveryParser&&) = delete;

  // Reads delivery.body and fills `request_ms` (arrived_ms when the document has no timestamp) and `records`,
  // views into the body; the base64 in them is not looked at, but a record's JSON escapes (some writers
  // escape
  // '/' and '+') are resolved in place. Checks that the document's id is delivery.request_id. Unknown members
  // are let pass. Errors: `invalid` with the place of the mistake, `busy` for more than max_records.
  Result<> parse(Delivery& delivery, uint64_t max_records);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cistern

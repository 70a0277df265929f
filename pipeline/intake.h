// The pipeline's entrance: turns a delivery into frames and hands them to the journal, all of it or nothing.
#pragma once

#include <functional>

#include "pipeline/delivery.h"
#include "pipeline/result.h"

namespace cistern {

class Intake {
 public:
  // Called once, on any thread. Success: the delivery is as safe as `acknowledge` asks for. Errors: `invalid`
  // (a record's base64 is broken), `busy` (journal at its bound, shutting down), `fatal` (journal poisoned).
  using OnAccepted = std::function<void(Result<>)>;

  virtual ~Intake() = default;
  // Decodes on the calling thread, which must be a worker.
  virtual void accept(Delivery delivery, OnAccepted done) = 0;
  // Whether a delivery would be taken now: an error says why not. Any thread.
  virtual Result<> ready() const = 0;
};

}  // namespace cistern

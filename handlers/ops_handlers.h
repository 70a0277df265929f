// For operators and balancers: /livez (the process runs), /readyz (a delivery would be taken now), /metrics.
#pragma once

#include <vector>

#include <prometheus/collectable.h>

#include "handlers/exchange.h"
#include "handlers/readiness.h"
#include "pipeline/clock.h"

namespace cistern {

// One object serves all three paths; a Router decides which of them a listener offers. Any thread.
class OpsHandler : public Handler {
 public:
  // All outlive it.
  OpsHandler(std::vector<ReadyCheck> checks, const prometheus::Collectable& metrics, const Clock& clock)
      : checks_(std::move(checks)), metrics_(metrics), clock_(clock) {}

  Answer begin(const RequestHead& head) override;
  Reply refuse(const RequestHead& head, const Error& error) override;

 private:
  Reply ready() const;
  Reply metrics() const;

  const std::vector<ReadyCheck> checks_;
  const prometheus::Collectable& metrics_;
  const Clock& clock_;
};

}  // namespace cistern

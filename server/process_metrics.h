// What the metrics page says of the process itself, measured anew at each scrape: its clock, its memory.
// Any thread; registry, metrics and clock outlive it.
#pragma once

#include <cstdint>

#include <prometheus/collectable.h>
#include <prometheus/registry.h>

#include "pipeline/clock.h"
#include "pipeline/metrics.h"

namespace cistern {

// Memory of this process that is in use; 0: not known.
uint64_t resident_bytes();

class ProcessMetrics : public prometheus::Collectable {
 public:
  ProcessMetrics(const prometheus::Registry& registry, Metrics& metrics, const Clock& clock)
      : registry_(registry), metrics_(metrics), clock_(clock) {}

  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const prometheus::Registry& registry_;
  Metrics& metrics_;
  const Clock& clock_;
};

}  // namespace cistern

// See process_metrics.h.
#include "server/process_metrics.h"

#include <fstream>

#include <unistd.h>

namespace cistern {

// The second number of /proc/self/statm.
uint64_t resident_bytes() {
  uint64_t total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::vector<prometheus::MetricFamily> ProcessMetrics::Collect() const {
  metrics_.clock_timestamp.Set(static_cast<double>(clock_.wall_ms()) / 1000);
  metrics_.resident_bytes.Set(static_cast<double>(resident_bytes()));
  return registry_.Collect();
}

}  // namespace cistern

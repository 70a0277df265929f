// See process_metrics.h.
#include "server/process_metrics.h"

#include <fstream>

#include <unistd.h>

namespace cistern {
namespace {

// The second number of /proc/self/statm; 0 where there is none.
double resident_bytes() {
  double total = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

}  // namespace

std::vector<prometheus::MetricFamily> ProcessMetrics::Collect() const {
  metrics_.clock_timestamp.Set(static_cast<double>(clock_.wall_ms()) / 1000);
  metrics_.resident_bytes.Set(resident_bytes());
  return registry_.Collect();
}

}  // namespace cistern

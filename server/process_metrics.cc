// See process_metrics.h.
#include "server/process_metrics.h"

#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace cistern {

// The second number of /proc/self/statm.
uint64_t resident_bytes() {
  static const int file = ::open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  char text[128];
  const ssize_t got = ::pread(file, text, sizeof text - 1, 0);
  if (got <= 0) return 0;
  text[got] = '\0';
  const char* const second = std::strchr(text, ' ');
  if (second == nullptr) return 0;
  return std::strtoull(second, nullptr, 10) * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::vector<prometheus::MetricFamily> ProcessMetrics::Collect() const {
  metrics_.clock_timestamp.Set(static_cast<double>(clock_.wall_ms()) / 1000);
  metrics_.resident_bytes.Set(static_cast<double>(resident_bytes()));
  return registry_.Collect();
}

}  // namespace cistern

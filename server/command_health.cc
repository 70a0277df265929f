// See command_health.h.
#include "server/command_health.h"

#include <ostream>

#include "server/exit_codes.h"
#include "server/http_get.h"

namespace cistern {
int run_health(const Config& config, std::ostream& out) {
  if (!config.metrics_listen) {
    out << "metrics.listen is off: there is nothing to ask\n";
    return kExitFailed;
  }
  auto endpoint = reachable(*config.metrics_listen);
  const auto found = http_get(endpoint, "/livez");
  out << print_endpoint(endpoint) << "/livez: " << (found ? found.value().status_line : found.error().what)
      << "\n";
  return found && found.value().good() ? kExitOk : kExitFailed;
}

}  // namespace cistern

#include "handlers/readiness.h"

#include "pipeline/ascii.h"

namespace cistern {

Readiness readiness(const std::vector<ReadyCheck>& checks) {
  Readiness found;
  for (const ReadyCheck& each : checks) {
    const auto result = each.check();
    if (!result)
      (each.needed ? found.reasons : found.warnings)
          .push_back({each.name, printable(result.error().what, 512)});
  }
  return found;
}

}  // namespace cistern

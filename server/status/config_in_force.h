// The configuration that runs, and what became of the last try to replace it. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "server/config.h"

namespace cistern {

struct ReloadOutcome {
  int64_t at_ms = 0;  // wall clock
  bool taken = false;
  std::string text;  // for a person; no secret
};

struct ConfigInForce {
  Config config;
  std::optional<ReloadOutcome> last_reload;  // nothing: none since the start
};

}  // namespace cistern

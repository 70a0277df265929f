// What a changed configuration means for a service that runs: what it takes up at once, and what waits for a
// restart. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/result.h"
#include "server/config.h"

namespace cistern {

// Whether a setting takes effect while the service runs. The others decide what is opened at the start: what
// is listened on, the journal, threads, and where objects lie and how they are summed. Were the latter
// changed while a try may have stored an object, it would be stored twice.
bool takes_effect_at_once(std::string_view path);

struct ConfigChange {
  Config config;                           // what is in force then: valid as a whole
  std::vector<std::string> changed;        // settings that take effect now
  std::vector<std::string> needs_restart;  // settings that are kept as they are
  bool store_changed = false;              // some of `changed` are the store's
};

// Error `invalid`: what may change now does not go together with what has to stay.
Result<ConfigChange> change_config(const Config& in_force, const Config& fresh);

// Twelve hex digits by which configurations are told apart, secrets left out.
std::string config_hash(const Config& config);

}  // namespace cistern

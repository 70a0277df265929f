// The parts of the status document, each under its own name there; see status_document.h.
#pragma once

#include <nlohmann/json.hpp>

#include "server/status/status_sources.h"

namespace cistern {

using Json = nlohmann::ordered_json;

// About the edge: who sends, what is answered.
Json deliveries_part(const StatusSources& sources, const Activity& activity);
Json acknowledgement_part(const ConfigInForce& config, const Activity& activity);
Json access_keys_part(const StatusSources& sources, const StatusMoment& moment);
Json dead_letters_part(const StatusSources& sources, const ConfigInForce& config);

// About what waits and goes out.
Json journal_part(const StatusSources& sources, const ConfigInForce& config, const StatusMoment& moment);
Json open_part(const ConfigInForce& config, const StatusMoment& moment);
Json uploads_part(const StatusSources& sources, const ConfigInForce& config, int64_t now_ms);

// About the process.
Json service_part(const StatusSources& sources, const StatusMoment& moment);
Json readiness_part(const StatusSources& sources, const StatusMoment& moment);
Json limits_part(const StatusSources& sources, const ConfigInForce& config, const StatusMoment& moment);
Json configuration_part(const ConfigInForce& config, int64_t now_ms);

// 2026-11-21T08:00:00.000Z, or null for 0.
Json time_or_null(int64_t wall_ms);
// Since `wall_ms`, never negative; null for 0.
Json seconds_since(int64_t wall_ms, int64_t now_ms);

}  // namespace cistern

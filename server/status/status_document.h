// /status.json: what is told is described in status_json.md. Bounded: lists end after so many items and count
// the rest. Holds no secret. Pure but for what it reads from the sources.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "server/status/status_sources.h"

namespace cistern {

// The part that the partitions' own thread makes; `now_ms` by the wall clock.
OpenPartitions count_open(const Partitions& partitions, int64_t now_ms);

// All sources but the partitions are read; on the thread that owns `moment.activity`.
nlohmann::ordered_json status_document(const StatusSources& sources, const StatusMoment& moment);

}  // namespace cistern

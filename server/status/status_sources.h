// What the status document is made of. All of it outlives the StatusBoard.
#pragma once

#include <optional>
#include <vector>

#include "handlers/access_keys.h"
#include "handlers/readiness.h"
#include "pipeline/archive/partitions.h"
#include "pipeline/archive/uploader.h"
#include "pipeline/journal/journal.h"
#include "pipeline/latest.h"
#include "pipeline/metrics.h"
#include "server/status/activity.h"
#include "server/status/config_in_force.h"

namespace cistern {

struct StatusSources {
  const Latest<ConfigInForce>& config;
  const Latest<AccessKeys>& keys;
  const std::vector<ReadyCheck>& checks;
  const Metrics& metrics;
  const Journal& journal;
  const Partitions& partitions;
  const UploadList& uploads;
};

// What was true at one moment.
struct StatusMoment {
  int64_t now_ms = 0;      // wall clock
  int64_t started_ms = 0;  // of this process
  const Activity& activity;
  const OpenPartitions* open = nullptr;  // null: the journal's thread has not answered yet
  int64_t open_ms = 0;                   // when they were counted
  bool disk_silent = false;              // they are being counted anew, and that takes long
};

}  // namespace cistern

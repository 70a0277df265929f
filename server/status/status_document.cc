#include "server/status/status_document.h"

#include <algorithm>

#include "pipeline/utc_time.h"
#include "server/status/document_parts.h"

namespace cistern {
namespace {

constexpr int64_t kDaysBack = 14;  // as old as CloudWatch takes events
constexpr size_t kPartitionsListed = 50;

}  // namespace

OpenPartitions count_open(const Partitions& partitions, int64_t now_ms) {
  const int64_t today = now_ms / kHour / 24;
  return partitions.open((today - kDaysBack) * 24, today * 24 + 47, kPartitionsListed);
}

Json time_or_null(int64_t wall_ms) { return wall_ms == 0 ? Json() : Json(utc_time(wall_ms)); }

Json seconds_since(int64_t wall_ms, int64_t now_ms) {
  if (wall_ms == 0) return {};
  return static_cast<double>(std::max<int64_t>(0, now_ms - wall_ms)) / 1000;
}

Json status_document(const StatusSources& sources, const StatusMoment& moment) {
  const auto config = sources.config.get();
  return {{"document", "cistern-status-1"},
          {"made_at", utc_time(moment.now_ms)},
          {"service", service_part(sources, moment)},
          {"readiness", readiness_part(sources, moment)},
          {"deliveries", deliveries_part(sources, moment.activity)},
          {"acknowledgement", acknowledgement_part(*config, moment.activity)},
          {"journal", journal_part(sources, *config, moment)},
          {"limits", limits_part(sources, *config, moment)},
          {"open", open_part(*config, moment)},
          {"uploads", uploads_part(sources, *config, moment.now_ms)},
          {"dead_letters", dead_letters_part(sources, *config)},
          {"access_keys", access_keys_part(sources, moment)},
          {"configuration", configuration_part(*config, moment.now_ms)}};
}

}  // namespace cistern

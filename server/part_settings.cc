// See part_settings.h. Owned by the process's edge.
#include "server/part_settings.h"

#include <cstdlib>
#include <utility>

#include "server/config/changes.h"

namespace cistern {
namespace {

// What memory_limit leaves for frames that wait, after deliveries in flight, a large record that is being
// decoded (in two forms at a time) and small change; never so little that a few frames would be too many.
uint64_t frame_memory(const Config& config) {
  constexpr uint64_t least = 16ull << 20;
  const uint64_t taken =
      config.limits.in_flight_bytes + 2 * config.limits.inflated_record_bytes + (32ull << 20);
  return config.memory_limit > taken + 2 * least ? (config.memory_limit - taken) / 2 : least;
}

}  // namespace

Result<std::shared_ptr<const FrameFormat>> make_format(const Config& config) {
  const PartitionConfig& partition = config.partition;
  CISTERN_TRY(auto key, KeyTemplate::parse(partition.prefix, partition.key));
  CISTERN_TRY(auto dead_letter_key, KeyTemplate::parse(partition.prefix, partition.dead_letter_key));
  CISTERN_TRY(auto line, LineFormat::parse(config.format.fields, config.format.event_id));
  return std::make_shared<const FrameFormat>(
      FrameFormat{std::move(key), std::move(dead_letter_key), std::move(line)});
}

Partitions::Options partition_options(const Config& config) {
  const PartitionConfig& partition = config.partition;
  return {{partition.flush_size, partition.flush_age_ms, partition.late_flush_age_ms},
          config.limits.open_partitions,
          frame_memory(config)};
}

std::optional<Level> fixed_level(const Config& config) {
  const std::string& level = config.format.level;
  if (level == "auto") return std::nullopt;
  if (level == "fastest") return Level{Level::kFastest};
  return Level{std::atoi(level.c_str())};
}

void publish_config(const Config& config, Metrics& metrics) {
  const std::pair<const char*, uint64_t> limits[] = {
      {"memory_bytes", config.memory_limit},
      {"journal_bytes", config.journal.max_bytes},
      {"in_flight_bytes", config.limits.in_flight_bytes},
      {"body_bytes", config.limits.body_bytes},
      {"connections", config.server.connections},
      {"open_partitions", config.limits.open_partitions},
  };
  for (const auto& [name, value] : limits)
    metrics.limits.Add({{"name", name}}).Set(static_cast<double>(value));
  metrics.configuration.say(config_hash(config));
}

}  // namespace cistern

// The parts about the edge: deliveries, acknowledgement, access keys, dead letters.
#include "pipeline/decode/dead_letter.h"
#include "server/status/document_parts.h"

namespace cistern {
namespace {

constexpr size_t kKeysListed = 100;

uint64_t whole(double count) { return static_cast<uint64_t>(count); }

const char* acknowledge_name(Acknowledge mode) {
  switch (mode) {
    case Acknowledge::durable:
      return "durable";
    case Acknowledge::stored:
      return "stored";
    case Acknowledge::memory:
      return "memory";
  }
  return "unknown";
}

// As the README's table of answers has it.
const char* meaning_of(const std::string& status) {
  if (status == "200") return "acknowledged";
  if (status == "400") return "wrong request";
  if (status == "401") return "no known access key";
  if (status == "404") return "unknown path";
  if (status == "405") return "not POST";
  if (status == "429") return "over the key's own quota";
  if (status == "503") return "told to come again";
  return "";
}

}  // namespace

Json deliveries_part(const StatusSources& sources, const Activity& activity) {
  const Metrics& metrics = sources.metrics;
  Json statuses = Json::array();
  for (const auto& [status, count] : metrics.deliveries.counts())
    statuses.push_back({{"status", status},
                        {"meaning", meaning_of(status)},
                        {"total", whole(count)},
                        {"per_second", activity.deliveries_per_second(status)},
                        {"refused", status != "200" && count > 0}});
  return {{"window_seconds", activity.window_seconds()},
          {"per_second", activity.deliveries_per_second()},
          {"events_per_second", activity.events_per_second()},
          {"received_bytes_per_second", activity.received_bytes_per_second()},
          {"log_bytes_per_second", activity.log_bytes_per_second()},
          {"events_total", whole(metrics.events.Value())},
          {"log_bytes_total", whole(metrics.log_bytes.Value())},
          {"connections", whole(metrics.connections.Value())},
          {"by_status", statuses}};
}

Json acknowledgement_part(const ConfigInForce& config, const Activity& activity) {
  const auto percentiles = activity.acknowledgement();
  auto seconds = [&](double Activity::Percentiles::*which) {
    return percentiles ? Json((*percentiles).*which) : Json();
  };
  return {{"mode", acknowledge_name(config.config.acknowledge)},
          {"deliveries", activity.acknowledged()},
          {"p50_seconds", seconds(&Activity::Percentiles::p50)},
          {"p90_seconds", seconds(&Activity::Percentiles::p90)},
          {"p99_seconds", seconds(&Activity::Percentiles::p99)}};
}

Json access_keys_part(const StatusSources& sources, const StatusMoment& moment) {
  std::vector<std::string> names = sources.keys.get()->names();
  const bool none = names.empty();
  const auto counts = sources.metrics.deliveries_by_key.counts();
  if (none) names.emplace_back("none");
  Json listed = Json::array();
  for (size_t i = 0; i < std::min(names.size(), kKeysListed); ++i) {
    const auto found = counts.find(names[i]);
    const int64_t last_ms = moment.activity.last_use_ms(names[i]);
    listed.push_back({{"name", names[i]},
                      {"deliveries", found == counts.end() ? 0 : whole(found->second)},
                      {"last_used_at", time_or_null(last_ms)},
                      {"seconds_since_use", seconds_since(last_ms, moment.now_ms)}});
  }
  return {{"required", !none}, {"list", listed}, {"not_listed", names.size() - listed.size()}};
}

Json dead_letters_part(const StatusSources& sources, const ConfigInForce& config) {
  const auto counts = sources.metrics.dead_letters.counts();
  Json reasons = Json::array();
  uint64_t total = 0;
  for (const std::string& reason : dead_letter_reason_names()) {
    const auto found = counts.find(reason);
    const uint64_t count = found == counts.end() ? 0 : whole(found->second);
    total += count;
    reasons.push_back({{"reason", reason}, {"records", count}});
  }
  return {{"total", total},
          {"key", config.config.partition.prefix + config.config.partition.dead_letter_key},
          {"runbook", total > 0 ? Json("CisternDeadLetters") : Json()},
          {"by_reason", reasons}};
}

}  // namespace cistern

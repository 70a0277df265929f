// The parts about the process: identity, readiness, limits, configuration.
#include <algorithm>
#include <array>
#include <map>

#include <unistd.h>

#include "server/config/printer.h"
#include "server/process_metrics.h"
#include "server/status/document_parts.h"
#include "server/version.h"

namespace cistern {
namespace {

constexpr int64_t kDiskSilentMs = 5'000;
constexpr size_t kSettingsListed = 500;  // each access key has some

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

// Where deploy/runbook.md says what to do.
std::string runbook_of(const std::string& part) {
  static const std::map<std::string, std::string> kRunbook{{"intake", "CisternBusy"},
                                                           {"store", "CisternUploadsFail"},
                                                           {"journal", "CisternJournalDamaged"},
                                                           {"disk", "CisternSyncSlow"}};
  const auto found = kRunbook.find(part);
  return found == kRunbook.end() ? "" : found->second;
}

Json notes_json(const std::vector<Readiness::Note>& notes) {
  Json list = Json::array();
  for (const auto& note : notes)
    list.push_back({{"part", note.part}, {"text", note.text}, {"runbook", runbook_of(note.part)}});
  return list;
}

Json limit(const char* name, const char* setting, bool in_bytes, uint64_t used, uint64_t most) {
  const double share = most == 0 ? 0 : static_cast<double>(used) / static_cast<double>(most);
  return {{"name", name}, {"setting", setting}, {"in_bytes", in_bytes},
          {"used", used}, {"limit", most},      {"share", share}};
}

uint64_t value_of(const prometheus::Gauge& gauge) {
  return static_cast<uint64_t>(std::max(0.0, gauge.Value()));
}

}  // namespace

Json service_part(const StatusSources& sources, const StatusMoment& moment) {
  return {{"version", version()},
          {"revision", revision()},
          {"host", host_name()},
          {"process", ::getpid()},
          {"journal_id", sources.journal.id()},
          {"started_at", time_or_null(moment.started_ms)},
          {"uptime_seconds", seconds_since(moment.started_ms, moment.now_ms)}};
}

Json readiness_part(const StatusSources& sources, const StatusMoment& moment) {
  Readiness found = readiness(sources.checks);
  const int64_t silent_ms = moment.now_ms - (moment.open_ms == 0 ? moment.started_ms : moment.open_ms);
  if (moment.disk_silent && silent_ms > kDiskSilentMs)
    found.warnings.push_back(
        {"disk", "The journal's thread has not answered for " + std::to_string(silent_ms / 1000) +
                     " s: the disk hangs or is very slow. Look at the kernel's messages."});
  return {{"ready", found.ready()},
          {"reasons", notes_json(found.reasons)},
          {"warnings", notes_json(found.warnings)}};
}

Json limits_part(const StatusSources& sources, const ConfigInForce& config, const StatusMoment& moment) {
  const Metrics& metrics = sources.metrics;
  const Config& set = config.config;
  return Json::array(
      {limit("memory", "memory_limit", true, resident_bytes(), set.memory_limit),
       limit("deliveries in flight", "limits.in_flight_bytes", true, value_of(metrics.in_flight_bytes),
             set.limits.in_flight_bytes),
       limit("journal", "journal.max_bytes", true, sources.journal.bytes(), set.journal.max_bytes),
       limit("connections", "limits.connections", false, value_of(metrics.connections),
             set.server.connections),
       limit("open partitions", "limits.open_partitions", false,
             moment.open == nullptr ? 0 : moment.open->all().partitions, set.limits.open_partitions),
       limit("uploads", "store.uploads", false, value_of(metrics.uploads_in_flight), set.store.uploads)});
}

Json configuration_part(const ConfigInForce& config, int64_t now_ms) {
  Json settings = Json::array();
  uint64_t changed = 0;
  const auto all = settings_in_effect(config.config);
  for (const SettingInEffect& setting : all) {
    if (!setting.is_default) ++changed;
    if (settings.size() < kSettingsListed)
      settings.push_back({{"name", setting.path}, {"value", setting.value}, {"default", setting.is_default}});
  }
  Json reload;
  if (config.last_reload)
    reload = {{"at", time_or_null(config.last_reload->at_ms)},
              {"seconds_ago", seconds_since(config.last_reload->at_ms, now_ms)},
              {"taken", config.last_reload->taken},
              {"text", config.last_reload->text}};
  return {{"last_reload", reload},
          {"changed", changed},
          {"settings", settings},
          {"not_listed", all.size() - settings.size()}};
}

}  // namespace cistern

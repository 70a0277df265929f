// See changes.h.
#include "server/config/changes.h"

#include <algorithm>
#include <array>

#include "pipeline/digest.h"
#include "server/config/printer.h"
#include "server/config/reading.h"
#include "server/config/table.h"

namespace cistern {
namespace {

// By name or by section: a setting that nobody has thought about needs a restart.
constexpr std::array<std::string_view, 10> kAtOnce{
    "access_keys", "tls.certificate", "tls.private_key", "memory_limit", "limits.",
    "timeouts.",   "partition.",      "format.",         "store.",       "log."};
constexpr std::array<std::string_view, 12> kOfTheseAtRestart{
    "timeouts.drain",   "format.codec",     "store.type",   "store.path",
    "store.bucket",     "store.prefix",     "store.region", "store.endpoint",
    "store.path_style", "store.dual_stack", "store.fips",   "store.checksum"};

std::vector<Words> words_of(const std::vector<AccessKeyConfig>& keys) {
  std::vector<Words> words;
  for (const AccessKeyConfig& key : keys)
    for (const auto& setting : access_key_settings()) words.push_back(setting.value.read(key));
  return words;
}

void change_access_keys(const Config& fresh, ConfigChange& change) {
  Config& config = change.config;
  const bool same = config.access_keys_none == fresh.access_keys_none &&
                    words_of(config.access_keys) == words_of(fresh.access_keys);
  if (same) return;
  config.access_keys_none = fresh.access_keys_none;
  config.access_keys = fresh.access_keys;
  change.changed.push_back("access_keys");
}

void change_setting(const Setting<Config>& setting, const Config& fresh, ConfigChange& change) {
  const Words words = setting.value.read(fresh);
  if (words == setting.value.read(change.config)) return;
  if (!takes_effect_at_once(setting.path)) return change.needs_restart.push_back(setting.path);
  setting.value.write(change.config, words);
  change.changed.push_back(setting.path);
  change.store_changed = change.store_changed || setting.path.starts_with("store.");
}

}  // namespace

bool takes_effect_at_once(std::string_view path) {
  const auto names = [path](std::string_view name) {
    return name.ends_with('.') ? path.starts_with(name) : path == name;
  };
  return std::any_of(kAtOnce.begin(), kAtOnce.end(), names) &&
         std::none_of(kOfTheseAtRestart.begin(), kOfTheseAtRestart.end(), names);
}

Result<ConfigChange> change_config(const Config& in_force, const Config& fresh) {
  ConfigChange change{in_force, {}, {}};
  for (const auto& setting : config_settings()) {
    if (setting.path == "access_keys")
      change_access_keys(fresh, change);
    else
      change_setting(setting, fresh, change);
  }
  change.config.store.no_proxy = fresh.store.no_proxy;  // goes with store.proxy, and has no setting
  if (change.needs_restart.empty()) return change;
  ConfigReading together;
  together.config = change.config;
  check_rules(together);
  check_pipeline(together);
  if (together.mistakes.none()) return change;
  return invalid(together.mistakes.text() + "\nThis holds until a restart, which " +
                 join_list(change.needs_restart) + " needs.");
}

std::string config_hash(const Config& config) { return hex(sha256(print_config(config))).substr(0, 12); }

}  // namespace cistern

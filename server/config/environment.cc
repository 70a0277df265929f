// The environment's part of a configuration: see read_environment in reading.h.
#include <algorithm>

#include "pipeline/ascii.h"
#include "server/config/nearest_name.h"
#include "server/config/reading.h"
#include "server/config/table.h"

namespace cistern {
namespace {

constexpr std::string_view kOurs = "CISTERN_";
constexpr std::string_view kAccessKey = "CISTERN_ACCESS_KEYS_";

void read_setting(const Setting<Config>& setting, const std::string& variable, const std::string& text,
                  ConfigReading& reading) {
  const ValueRule& rule = setting.value.rule;
  auto words = rule.kind == ValueKind::list ? split_list(text) : Words{text};
  if (setting.value.write(reading.config, words)) {
    reading.origins[setting.path] = variable;
    return;
  }
  std::string is = rule.secret ? "" : "is " + in_quotes(text) + ", ";
  auto allowed = rule.kind == ValueKind::list ? "texts separated by commas" : rule.allowed();
  reading.mistakes.add(variable, setting.path, is + "must be " + allowed);
}

// A key's name as a variable can say it: TEAM_A is team_a, and takes the place of a team-a.
std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name) plain += c == '-' || c == '.' ? '_' : lower(c);
  return plain;
}

AccessKeyConfig& access_key(const std::string& name, ConfigReading& reading) {
  auto& keys = reading.config.access_keys;
  auto found =
      std::find_if(keys.begin(), keys.end(), [&](const auto& key) { return plain_name(key.name) == name; });
  if (found != keys.end()) return *found;
  keys.push_back({name, "", ""});
  return keys.back();
}

void read_access_key(const std::string& variable, const std::string& text, ConfigReading& reading) {
  std::string_view name(variable);
  name.remove_prefix(kAccessKey.size());
  bool is_file = name.ends_with("_FILE") && name.size() > 5;
  if (is_file) name.remove_suffix(5);
  if (text.empty() || text.size() > 4096)
    return reading.mistakes.add(variable, "access_keys", "must be 1 to 4096 bytes");
  AccessKeyConfig& key = access_key(plain_name(name), reading);
  key.value = is_file ? "" : text;
  key.value_file = is_file ? text : "";
  // A key in the environment is as good a reason to ask for keys as any; only the environment's own `none` is
  // not.
  if (!reading.from_variable("access_keys")) reading.config.access_keys_none = false;
  reading.origins["access_keys[" + std::to_string(&key - reading.config.access_keys.data()) + "]"] = variable;
}

// Variables that Kubernetes makes of services: CISTERN_SERVICE_HOST, CISTERN_METRICS_PORT_9464_TCP_ADDR and
// so on.
bool is_service_link(std::string_view name) {
  auto port = name.find("_PORT_");
  bool numbered = port != std::string_view::npos && port + 6 < name.size() &&
                  std::isdigit(static_cast<unsigned char>(name[port + 6]));
  return numbered || name.ends_with("_PORT") || name.find("_SERVICE_") != std::string_view::npos;
}

// Whether it can only be meant as a setting: it starts with a section's name.
bool starts_like_section(std::string_view name) {
  for (const auto& setting : config_settings()) {
    auto dot = setting.path.find('.');
    if (dot != std::string::npos && name.starts_with(variable_of(setting.path.substr(0, dot + 1))))
      return true;
  }
  return false;
}

void refuse_if_mistyped(const std::string& name, ConfigReading& reading) {
  // What `cistern send` and the usual `${CISTERN_ACCESS_KEY}` use.
  if (name == "CISTERN_ACCESS_KEY" || name.starts_with("CISTERN_SEND_") || is_service_link(name)) return;
  std::vector<std::string> right{"CONFIG"};
  for (const auto& setting : config_settings())
    right.push_back(variable_of(setting.path).substr(kOurs.size()));
  auto nearest = nearest_name(name.substr(kOurs.size()), right);
  if (nearest)
    reading.mistakes.add(name, "", "is not a setting; did you mean CISTERN_" + *nearest + "?");
  else if (starts_like_section(name))
    reading.mistakes.add(name, "", "is not a setting; `cistern check --settings` shows all names");
}

}  // namespace

void read_environment(const Environment& environment, const std::set<std::string>& used,
                      ConfigReading& reading) {
  std::set<std::string> known = used;
  known.insert("CISTERN_CONFIG");
  for (const auto& setting : config_settings()) {
    auto variable = variable_of(setting.path);
    known.insert(variable);
    if (auto text = environment.value(variable)) read_setting(setting, variable, *text, reading);
  }
  auto names = environment.names;
  std::sort(names.begin(), names.end());
  for (const auto& name : names) {
    if (!name.starts_with(kOurs) || known.count(name) > 0) continue;
    if (name.starts_with(kAccessKey) && name.size() > kAccessKey.size())
      read_access_key(name, environment.value(name).value_or(""), reading);
    else
      refuse_if_mistyped(name, reading);
  }
}

}  // namespace cistern

// For the configuration's tests: loads from a text and variables that no process has.
#pragma once

#include <map>
#include <string>

#include "server/config/sources.h"

namespace cistern {

// What a configuration cannot do without.
inline const std::string kLeast = "tls: off\naccess_keys: none\n";

using Variables = std::map<std::string, std::string>;

// `text` stands in CISTERN_CONFIG.
inline ConfigSources sources_of(const std::string& text, Variables variables = {}) {
  if (!text.empty()) variables["CISTERN_CONFIG"] = text;
  ConfigSources sources;
  sources.default_file = "/nonexistent/cistern.yaml";
  for (const auto& [name, value] : variables) sources.environment.names.push_back(name);
  sources.environment.value = [variables](const std::string& name) -> std::optional<std::string> {
    auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  return sources;
}

inline Result<LoadedConfig> load(const std::string& text, Variables variables = {}) {
  return load_config(sources_of(text, std::move(variables)));
}

// All mistakes, or "" when there are none.
inline std::string mistakes_of(const std::string& text, Variables variables = {}) {
  auto loaded = load(text, std::move(variables));
  return loaded ? "" : loaded.error().what;
}

}  // namespace cistern

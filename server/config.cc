// Reads a configuration from its sources: see sources.h.
#include "server/config.h"

#include <cstdlib>
#include <filesystem>

#include <unistd.h>

#include "server/config/sources.h"
#include "server/read_file.h"

namespace cistern {
namespace {

struct Document {
  std::string source;  // empty: there is none
  std::string text;
};

Document read_file(const std::string& path, ConfigMistakes& mistakes) {
  auto text = read_small_file(path);
  if (text) return {path, text.value()};
  mistakes.add("", "", text.error().what);
  return {};
}

Document find_document(const ConfigSources& sources, ConfigMistakes& mistakes) {
  auto text = sources.environment.value("CISTERN_CONFIG").value_or("");
  if (!sources.file.empty() && !text.empty())
    mistakes.add("", "", "--config and CISTERN_CONFIG are both given; take one of them away");
  if (!sources.file.empty()) return read_file(sources.file, mistakes);
  if (!text.empty()) return {"CISTERN_CONFIG", text};
  std::error_code ignored;
  if (std::filesystem::exists(sources.default_file, ignored))
    return read_file(sources.default_file, mistakes);
  return {};
}

// What is not configured comes from the variables that every AWS tool knows; the three of a key never mixed
// with configured ones.
void read_aws_variables(const Environment& environment, ConfigReading& reading) {
  StoreConfig& store = reading.config.store;
  if (store.type != "s3") return;
  auto value = [&](const char* name) { return environment.value(name).value_or(""); };
  if (store.access_key_id.empty() && store.secret_access_key.empty()) {
    store.access_key_id = value("AWS_ACCESS_KEY_ID");
    store.secret_access_key = value("AWS_SECRET_ACCESS_KEY");
    store.session_token = value("AWS_SESSION_TOKEN");
  }
  if (reading.given("store.region")) return;
  for (const char* name : {"AWS_DEFAULT_REGION", "AWS_REGION"})
    if (auto region = value(name); !region.empty()) store.region = region;
}

std::string describe(const Document& document, const ConfigReading& reading) {
  std::string text = document.source.empty() ? "defaults" : document.source;
  for (const auto& [path, origin] : reading.origins)
    if (reading.from_variable(path)) return text + " and CISTERN_ variables";
  return text;
}

}  // namespace

Result<LoadedConfig> load_config(const ConfigSources& sources) {
  ConfigReading reading;
  auto document = find_document(sources, reading.mistakes);
  auto root = parse_config_document(document.text, document.source, reading.mistakes);
  if (!reading.mistakes.none() && root.items.empty()) return invalid(reading.mistakes.text());
  auto used = expand_variables(root, document.source, sources.environment.value, reading.mistakes);
  read_document(root, document.source, reading);
  read_environment(sources.environment, used, reading);
  read_aws_variables(sources.environment, reading);
  read_endpoint_variables(sources.environment, reading);
  check_rules(reading);
  check_pipeline(reading);
  if (!reading.mistakes.none()) return invalid(reading.mistakes.text());
  return LoadedConfig{reading.config, describe(document, reading)};
}

Environment process_environment() {
  Environment environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    std::string_view pair(*entry);
    environment.names.emplace_back(pair.substr(0, pair.find('=')));
  }
  environment.value = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  return environment;
}

}  // namespace cistern

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

AwsEnvironment aws_environment(const Environment& environment) {
  auto either = [&](const char* name, const char* otherwise) {
    auto text = environment.value(name).value_or("");
    return text.empty() ? environment.value(otherwise).value_or("") : text;
  };
  auto value = [&](const char* name) { return environment.value(name).value_or(""); };
  auto secret = [](std::string text) { return Secret::take(text); };
  return {
      .access_key_id = value("AWS_ACCESS_KEY_ID"),
      .secret_access_key = secret(value("AWS_SECRET_ACCESS_KEY")),
      .session_token = secret(either("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")),
      .web_identity_token_file = value("AWS_WEB_IDENTITY_TOKEN_FILE"),
      .role_arn = value("AWS_ROLE_ARN"),
      .role_session_name = value("AWS_ROLE_SESSION_NAME"),
      .profile = either("AWS_PROFILE", "AWS_DEFAULT_PROFILE"),
      .config_file = value("AWS_CONFIG_FILE"),
      .shared_credentials_file = value("AWS_SHARED_CREDENTIALS_FILE"),
      .home = value("HOME"),
      .container_relative_uri = value("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
      .container_full_uri = value("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
      .container_token = secret(value("AWS_CONTAINER_AUTHORIZATION_TOKEN")),
      .container_token_file = value("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
      .metadata_disabled = value("AWS_EC2_METADATA_DISABLED"),
      .metadata_endpoint = value("AWS_EC2_METADATA_SERVICE_ENDPOINT"),
      .metadata_endpoint_mode = value("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"),
      .sts_endpoint = value("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") == "true"
                          ? std::string()
                          : either("AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"),
      .ca_bundle = value("AWS_CA_BUNDLE"),
  };
}

// What is not configured comes from the variables that every AWS tool knows.
void read_aws_variables(const Environment& environment, ConfigReading& reading) {
  StoreConfig& store = reading.config.store;
  if (store.type != "s3") return;
  store.aws = aws_environment(environment);
  if (reading.given("store.region")) return;
  for (const char* name : {"AWS_DEFAULT_REGION", "AWS_REGION"})
    if (auto region = environment.value(name).value_or(""); !region.empty()) store.region = region;
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
  const bool in_file = !document.source.empty() && document.source != "CISTERN_CONFIG";
  return LoadedConfig{reading.config, describe(document, reading), in_file ? document.source : "",
                      std::move(document.text)};
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

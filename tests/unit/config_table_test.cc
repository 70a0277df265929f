// Over the whole table: each setting can be given by the document and by its variable, and reads back the
// same.
#include <set>

#include <gtest/gtest.h>

#include "server/config/printer.h"
#include "server/config/table.h"
#include "tests/unit/config_fixture.h"

namespace cistern {
namespace {

// A value that is allowed and, where there are several, not the default.
Words another_value(const Setting<Config>& setting) {
  const ValueRule& rule = setting.value.rule;
  auto standard = setting.value.read(Config());
  for (const auto& choice : rule.choices)
    if (Words{choice} != standard) return {choice};
  if (rule.kind == ValueKind::choice) return standard;
  switch (rule.kind) {
    case ValueKind::text:
      return {setting.path == "store.endpoint" ? "https://h: ${x}#" : "x: {\"$${y}\" #'"};
    case ValueKind::boolean:
      return {"true"};
    case ValueKind::endpoint:
      return {"[::1]:1"};
    case ValueKind::list:
      return {"/one", "/two"};
    default:
      break;
  }
  Config config;
  std::vector<std::string> tries{"3", "30", "5000", "3s", "90s", "2h", "90KiB", "70MiB", "200MiB", "3GiB"};
  for (const auto& text : tries)
    if (setting.value.write(config, {text}) && setting.value.read(config) != standard) return {text};
  return {};
}

std::string quote(const std::string& text) {
  std::string quoted = "'";
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '$' && text[i + 1] == '{') quoted += '$';
    quoted += text[i];
    if (text[i] == '\'') quoted += '\'';
  }
  return quoted + "'";
}

std::string document_with(const Setting<Config>& setting, const Words& words) {
  std::string value;
  for (const auto& word : words) value += (value.empty() ? "" : ", ") + quote(word);
  if (setting.value.rule.kind == ValueKind::list) value = "[" + value + "]";
  auto dot = setting.path.find('.');
  if (dot == std::string::npos) return setting.path + ": " + value + "\n";
  return setting.path.substr(0, dot) + ":\n  " + setting.path.substr(dot + 1) + ": " + value + "\n";
}

Config read(const std::string& text, const Variables& variables) {
  auto sources = sources_of("", variables);
  ConfigReading reading;
  auto root = parse_config_document(text, "test", reading.mistakes);
  expand_variables(root, "test", sources.environment.value, reading.mistakes);
  read_document(root, "test", reading);
  read_environment(sources.environment, {}, reading);
  EXPECT_TRUE(reading.mistakes.none()) << text << reading.mistakes.text();
  return reading.config;
}

TEST(ConfigTable, EverySettingCanBeGivenInTheDocument) {
  for (const auto& setting : config_settings()) {
    Words words = another_value(setting);
    ASSERT_FALSE(words.empty()) << setting.path;
    EXPECT_EQ(setting.value.read(read(document_with(setting, words), {})), words) << setting.path;
  }
}

TEST(ConfigTable, EverySettingCanBeGivenByItsVariable) {
  for (const auto& setting : config_settings()) {
    Words words = another_value(setting);
    EXPECT_EQ(setting.value.read(read("", {{variable_of(setting.path), join_list(words)}})), words)
        << setting.path;
  }
}

TEST(ConfigTable, ASettingTouchesNothingElse) {
  for (const auto& setting : config_settings()) {
    Config config = read(document_with(setting, another_value(setting)), {});
    for (const auto& other : config_settings()) {
      if (other.path == setting.path) continue;
      EXPECT_EQ(other.value.read(config), other.value.read(Config())) << setting.path << " " << other.path;
    }
  }
}

TEST(ConfigTable, DefaultsAreAllowed) {
  Config config;
  for (const auto& setting : config_settings()) {
    auto words = setting.value.read(Config());
    if (words.empty()) continue;
    EXPECT_TRUE(setting.value.write(config, words)) << setting.path;
  }
}

TEST(ConfigTable, ThePrintedConfigurationReadsBackTheSame) {
  Config all;
  for (const auto& setting : config_settings()) {
    if (setting.value.rule.secret || !names_in(setting.path).empty() || setting.path == "access_keys")
      continue;
    ASSERT_TRUE(setting.value.write(all, another_value(setting))) << setting.path;
  }
  all.access_keys = {{"a", "", "file ${x}", 8ull << 20}, {"b", "", "- other"}};
  auto text = print_config(all);
  Config again = read(text, {});
  EXPECT_EQ(print_config(again), text);
  for (const auto& setting : config_settings())
    EXPECT_EQ(setting.value.read(again), setting.value.read(all)) << setting.path;
  ASSERT_EQ(again.access_keys.size(), 2u);
  EXPECT_EQ(again.access_keys[0].value_file, "file ${x}");
  EXPECT_EQ(again.access_keys[1].value_file, "- other");
  EXPECT_EQ(again.access_keys[0].in_flight_bytes, 8ull << 20);
}

TEST(ConfigTable, OneWordForASectionIsPrintedInItsStead) {
  Config config;
  config.tls = {true, "cert.pem", "key.pem"};
  config.access_keys_none = true;
  auto text = print_config(config);
  EXPECT_NE(text.find("tls: off\n"), std::string::npos) << text;
  EXPECT_NE(text.find("access_keys: none\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("cert.pem"), std::string::npos) << text;
}

TEST(ConfigTable, SecretsAreNeverPrinted) {
  Config config;
  config.access_keys = {{"a", "hunter2", ""}};
  config.store.secret_access_key = "hunter2";
  config.store.session_token = "hunter2";
  auto text = print_config(config);
  EXPECT_EQ(text.find("hunter2"), std::string::npos);
  EXPECT_NE(text.find("  - name: a\n    value: \"***\"\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  secret_access_key: \"***\"\n  session_token: \"***\"\n"), std::string::npos) << text;
}

TEST(ConfigTable, PathsAndVariablesAreUniqueAndDescribed) {
  std::set<std::string> variables;
  auto reference = config_reference();
  for (const auto& setting : config_settings()) {
    EXPECT_TRUE(variables.insert(variable_of(setting.path)).second) << setting.path;
    EXPECT_FALSE(setting.help.empty()) << setting.path;
    EXPECT_NE(reference.find(setting.path + "  (" + variable_of(setting.path) + ")\n"), std::string::npos);
  }
  EXPECT_NE(reference.find("    none; no default\n"),
            std::string::npos);  // nobody may read access_keys' as open
  EXPECT_EQ(variable_of("partition.flush_size"), "CISTERN_PARTITION_FLUSH_SIZE");
  EXPECT_NE(reference.find("a size from 1KiB to 4GiB, such as 64MiB; default: 64MiB"), std::string::npos);
}

}  // namespace
}  // namespace cistern

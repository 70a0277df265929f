// See printer.h.
#include "server/config/printer.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include <nlohmann/json.hpp>

#include "server/config/table.h"

namespace cistern {
namespace {

bool is_plain(std::string_view text) {
  auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) ||
           std::string_view("_-./:").find(c) != std::string_view::npos;
  };
  return !text.empty() && (std::isalnum(static_cast<unsigned char>(text[0])) || text[0] == '/') &&
         text.back() != ':' && std::all_of(text.begin(), text.end(), plain);
}

// As YAML that reads back as `text`: a JSON string unless it is plainly safe, with `${` written as `$${`.
std::string scalar(std::string text) {
  if (is_plain(text) && text != "null") return text;
  for (size_t at = 0; (at = text.find("${", at)) != std::string::npos; at += 3) text.insert(at, "$");
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

template <class Owner>
std::string value_of(const Setting<Owner>& setting, const Owner& owner) {
  auto words = setting.value.read(owner);
  const bool list = setting.value.rule.kind == ValueKind::list;
  if (words.empty()) return list ? "[]" : "";
  if (setting.value.rule.secret) return words[0].empty() ? "\"\"" : "\"***\"";
  if (!list) return scalar(words[0]);
  for (auto& word : words) word = scalar(word);
  return "[" + join_list(words) + "]";
}

std::string print_access_keys(const Config& config) {
  std::string text;
  for (const auto& key : config.access_keys) {
    const char* indent = "  - ";
    for (const auto& setting : access_key_settings()) {
      if (setting.value.read(key) == setting.value.read(AccessKeyConfig())) continue;
      text += indent + setting.path + ": " + value_of(setting, key) + "\n";
      indent = "    ";
    }
  }
  return text.empty() ? "" : "access_keys:\n" + text;
}

// The heads of those of the path's sections that are not open.
std::string open_sections(const std::string& path, std::string& open) {
  std::string text, indent;
  size_t begin = 0;
  for (size_t dot; (dot = path.find('.', begin)) != std::string::npos; begin = dot + 1) {
    if (!(open + ".").starts_with(path.substr(0, dot + 1)))
      text += indent + path.substr(begin, dot - begin) + ":\n";
    indent += "  ";
  }
  open = path.substr(0, begin == 0 ? 0 : begin - 1);
  return text + indent;
}

}  // namespace

std::string print_config(const Config& config) {
  std::string text;
  std::string open;     // the section being written
  std::string instead;  // the section that one word stands for
  for (const auto& setting : config_settings()) {
    auto dot = setting.path.find('.');
    auto section = dot == std::string::npos ? "" : setting.path.substr(0, dot);
    auto value = value_of(setting, config);
    bool is_switch = section.empty() && !names_in(setting.path).empty();
    if (is_switch && value == value_of(setting, Config())) continue;
    if (is_switch) instead = setting.path;
    if (!section.empty() && section == instead) continue;
    if (setting.path == "access_keys" && value.empty()) text += print_access_keys(config);
    if (value.empty()) continue;
    text += open_sections(setting.path, open);
    text += setting.path.substr(setting.path.rfind('.') + 1) + ": " + value + "\n";
  }
  return text;
}

std::vector<SettingInEffect> settings_in_effect(const Config& config) {
  std::vector<SettingInEffect> all;
  auto add = [&](const std::string& path, const auto& setting, const auto& owner, const auto& defaults) {
    const Words words = setting.value.read(owner);
    const bool hidden = setting.value.rule.secret && !words.empty() && !words[0].empty();
    all.push_back({path, hidden ? "***" : join_list(words), words == setting.value.read(defaults)});
  };
  const Config defaults;
  for (const auto& setting : config_settings()) {
    add(setting.path, setting, config, defaults);
    if (setting.path != "access_keys") continue;
    for (const auto& key : config.access_keys)
      for (const auto& item : access_key_settings())
        if (item.path != "name")
          add("access_keys." + key.name + "." + item.path, item, key, AccessKeyConfig());
  }
  return all;
}

std::string config_reference() {
  const Config defaults;
  auto default_of = [&](const Setting<Config>& setting) {
    auto words = setting.value.read(defaults);
    if (words.empty()) return std::string("no default");
    return "default: " + (words[0].empty() ? "\"\"" : join_list(words));
  };
  std::string text;
  for (const auto& setting : config_settings()) {
    text += setting.path + "  (" + variable_of(setting.path) + ")\n    " + setting.help + "\n    " +
            setting.value.rule.allowed() + "; " + default_of(setting) + "\n";
    if (setting.path != "access_keys") continue;
    for (const auto& item : access_key_settings())
      text +=
          "access_keys[]." + item.path + "\n    " + item.help + "\n    " + item.value.rule.allowed() + "\n";
  }
  return text;
}

}  // namespace cistern

// See schema.h.
#include "server/config/schema.h"

#include <nlohmann/json.hpp>

#include "pipeline/ascii.h"
#include "server/config/table.h"

namespace cistern {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSize = "^[0-9]+([KMGT]iB|[kMGT]B|B)?$";
constexpr const char* kDuration = "^(0|([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?)$";
constexpr const char* kEndpoint = "^([0-9.]+|\\[[0-9A-Fa-f:.]+\\]):[0-9]{1,5}$";

Json pattern(const char* text) { return {{"type", "string"}, {"pattern", text}}; }

// A choice as YAML may have read it: `off` is a boolean to YAML 1.1, `1` a number to all.
void add_readings(const std::string& word, Json& words) {
  words.push_back(word);
  if (word == "off") words.push_back(false);
  if (word == "on") words.push_back(true);
  if (!word.empty() && all_digits(word)) words.push_back(std::stoi(word));
}

Json choice(const Words& choices) {
  Json words = Json::array();
  for (const auto& word : choices) add_readings(word, words);
  return {{"enum", words}};
}

Json plain_form(const ValueRule& rule) {
  switch (rule.kind) {
    case ValueKind::number:
      return {{"type", "integer"}, {"minimum", rule.min}, {"maximum", rule.max}};
    case ValueKind::size:
      return {
          {"anyOf", {{{"type", "integer"}, {"minimum", rule.min}, {"maximum", rule.max}}, pattern(kSize)}}};
    case ValueKind::duration:
      return {{"anyOf", {{{"const", 0}}, pattern(kDuration)}}};
    case ValueKind::boolean:
      return {{"type", "boolean"}};
    case ValueKind::choice:
      return choice(rule.choices);
    case ValueKind::endpoint:
      return pattern(kEndpoint);
    case ValueKind::list:
      return {{"type", "array"},
              {"items", {{"type", "string"}, {"minLength", 1}}},
              {"minItems", rule.min},
              {"maxItems", rule.max}};
    case ValueKind::text:
      break;
  }
  return {{"type", {"string", "number", "boolean"}}, {"maxLength", rule.max}};  // all scalars are texts
}

// The value's own form, a word allowed instead, or a variable's value, which nobody knows yet.
Json form(const ValueRule& rule) {
  Json forms = Json::array({plain_form(rule)});
  if (rule.kind != ValueKind::choice && !rule.choices.empty()) forms.push_back(choice(rule.choices));
  if (rule.kind != ValueKind::list && rule.kind != ValueKind::text)
    forms.push_back({{"$ref", "#/$defs/variable"}});
  return forms.size() == 1 ? forms[0] : Json{{"anyOf", forms}};
}

template <class Owner>
Json described(const Setting<Owner>& setting, const Json& standard) {
  Json value = form(setting.value.rule);
  value["description"] = setting.help + " (" + setting.value.rule.allowed() + ")";
  if (!standard.is_null()) value["default"] = standard;
  return value;
}

Json default_of(const Setting<Config>& setting) {
  const auto words = setting.value.read(Config());
  if (setting.value.rule.kind == ValueKind::list) return Json(words);
  return words.empty() ? Json() : Json(words[0]);
}

Json closed_object() {
  return {{"type", "object"}, {"additionalProperties", false}, {"properties", Json::object()}};
}

Json access_keys(const Setting<Config>& none) {
  Json item = closed_object();
  for (const auto& setting : access_key_settings())
    item["properties"][setting.path] = described(setting, nullptr);
  item["required"] = {"name"};
  item["oneOf"] = {{{"required", {"value"}}}, {{"required", {"value_file"}}}};
  const Json list{{"type", "array"}, {"items", item}, {"minItems", 1}};
  return {{"description", "who may send, or " + none.help}, {"anyOf", {form(none.value.rule), list}}};
}

// `path`: the setting's, as far as these properties have not led there.
void add(const Setting<Config>& setting, const std::string& path, Json& properties) {
  const auto dot = path.find('.');
  if (setting.path == "access_keys") {
    properties["access_keys"] = access_keys(setting);
  } else if (dot != std::string::npos) {
    Json& section = properties[path.substr(0, dot)];
    // A section that has a word of its own stands beside that word.
    Json& object = section.contains("anyOf") ? section["anyOf"][1] : section;
    if (object.is_null()) object = closed_object();
    add(setting, path.substr(dot + 1), object["properties"]);
  } else if (!names_in(setting.path).empty()) {
    properties[path] = {{"description", setting.help},
                        {"anyOf", {form(setting.value.rule), closed_object()}}};
  } else {
    properties[path] = described(setting, default_of(setting));
  }
}

}  // namespace

std::string config_schema() {
  Json schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
              {"title", "Cistern's configuration"}};
  schema.update(closed_object());
  for (const auto& setting : config_settings()) add(setting, setting.path, schema["properties"]);
  schema["$defs"]["variable"] = pattern("\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-.*)?\\}");
  return schema.dump(2) + "\n";
}

}  // namespace cistern

// See reading.h.
#include "server/config/reading.h"

#include "server/config/nearest_name.h"
#include "server/config/table.h"

namespace cistern {
namespace {

using NodeKind = ConfigNode::Kind;

class DocumentReader {
 public:
  DocumentReader(const std::string& source, ConfigReading& reading) : source_(source), reading_(reading) {}

  void read_section(const ConfigNode& section, const std::string& path) {
    for (const auto& node : section.items) read_member(node, path.empty() ? node.key : path + "." + node.key);
  }

 private:
  void read_member(const ConfigNode& node, const std::string& path) {
    const auto* setting = find_setting(path);
    bool is_section = !names_in(path).empty();
    if (path == "access_keys" && node.kind == NodeKind::list) return read_access_keys(node);
    if (is_section && node.kind == NodeKind::section) return read_section(node, path);
    if (is_section && node.kind == NodeKind::empty) return;
    if (setting != nullptr) return read_value(node, path, *setting, reading_.config, section_form(path));
    if (is_section) return tell(node, path, "must be a section with " + join_list(names_in(path)));
    tell(node, path, "is not a setting; " + instead_of(path));
  }

  // What else may be written where a setting shares its name with a section or a list of sections.
  static std::string section_form(const std::string& path) {
    if (path == "access_keys") return ", or a list of { name, value } or { name, value_file }";
    auto names = names_in(path);
    return names.empty() ? "" : ", or a section with " + join_list(names);
  }

  template <class Owner>
  void read_value(const ConfigNode& node, const std::string& path, const Setting<Owner>& setting,
                  Owner& owner, const std::string& otherwise = "") {
    const ValueRule& rule = setting.value.rule;
    std::string must = "must be " + rule.allowed() + otherwise;
    if (reading_.mistakes.about(path)) return;  // its variables could not be put in
    if (node.kind == NodeKind::empty) return tell(node, path, "has no value; " + must);
    auto words = words_of(node, rule);
    if (!words) return tell(node, path, must);
    if (!setting.value.write(owner, *words)) {
      bool show = !rule.secret && node.kind == NodeKind::scalar;
      return tell(node, path, (show ? "is " + in_quotes(node.shown) + ", " : "") + must);
    }
    reading_.origins[path] = where(node);
  }

  static std::optional<Words> words_of(const ConfigNode& node, const ValueRule& rule) {
    if (rule.kind != ValueKind::list)
      return node.kind == NodeKind::scalar ? std::optional(Words{node.text}) : std::nullopt;
    if (node.kind != NodeKind::list) return std::nullopt;
    Words words;
    for (const auto& item : node.items) {
      if (item.kind != NodeKind::scalar) return std::nullopt;
      words.push_back(item.text);
    }
    return words;
  }

  void read_access_keys(const ConfigNode& list) {
    reading_.origins["access_keys"] = where(list);
    for (const auto& item : list.items) {
      auto path = "access_keys[" + std::to_string(reading_.config.access_keys.size()) + "]";
      AccessKeyConfig& key = reading_.config.access_keys.emplace_back();
      reading_.origins[path] = where(item);
      if (item.kind != NodeKind::section) {
        tell(item, path, "must be { name, value } or { name, value_file }");
        continue;
      }
      for (const auto& node : item.items) read_access_key_member(node, path + "." + node.key, key);
    }
  }

  void read_access_key_member(const ConfigNode& node, const std::string& path, AccessKeyConfig& key) {
    std::vector<std::string> names;
    for (const auto& setting : access_key_settings()) {
      if (setting.path == node.key) return read_value(node, path, setting, key);
      names.push_back(setting.path);
    }
    auto nearest = nearest_name(node.key, names);
    tell(node, path,
         "is not a setting; " +
             (nearest ? "did you mean " + *nearest + "?" : "there are " + join_list(names)));
  }

  // For an unknown name: its neighbour in the same section, its namesake in another, or all there are.
  static std::string instead_of(const std::string& path) {
    auto dot = path.rfind('.');
    std::string section = dot == std::string::npos ? "" : path.substr(0, dot);
    std::string name = dot == std::string::npos ? path : path.substr(dot + 1);
    auto here = names_in(section);
    std::string dotted = section.empty() ? "" : section + ".";
    if (auto nearest = nearest_name(name, here)) return "did you mean " + dotted + *nearest + "?";
    for (const auto& setting : config_settings())
      if (setting.path == name || setting.path.ends_with("." + name))
        return "did you mean " + setting.path + "?";
    return "there are " + join_list(here);
  }

  std::string where(const ConfigNode& node) const { return source_ + ":" + std::to_string(node.line); }

  void tell(const ConfigNode& node, const std::string& path, const std::string& what) {
    reading_.mistakes.add(where(node), is_printable(path) ? path : "", what);
  }

  const std::string& source_;
  ConfigReading& reading_;
};

}  // namespace

bool ConfigReading::from_variable(const std::string& path) const {
  auto origin = origins.find(path);
  return origin != origins.end() && origin->second.find(':') == std::string::npos;
}

void ConfigReading::conflict(const std::vector<std::string>& paths, const std::string& what) {
  for (const auto& path : paths)
    if (mistakes.about(path)) return;
  auto origin = origins.find(paths.front());
  mistakes.add_conflict(origin == origins.end() ? "" : origin->second, paths.front(), what);
}

void read_document(const ConfigNode& root, const std::string& source, ConfigReading& reading) {
  DocumentReader(source, reading).read_section(root, "");
}

}  // namespace cistern

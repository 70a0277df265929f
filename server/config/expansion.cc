// `${NAME}` in a configuration: see expand_variables in document.h.
#include <algorithm>

#include "pipeline/ascii.h"
#include "server/config/document.h"

namespace cistern {
namespace {

bool is_name(std::string_view name) {
  return !name.empty() && !is_digit(name[0]) &&
         std::all_of(name.begin(), name.end(), [](char c) { return c == '_' || is_alphanumeric(c); });
}

class Expansion {
 public:
  Expansion(const std::string& source, const Lookup& lookup, ConfigMistakes& mistakes)
      : source_(source), lookup_(lookup), mistakes_(mistakes) {}

  std::set<std::string> names;

  void run(ConfigNode& node, const std::string& path) {
    if (node.kind == ConfigNode::Kind::scalar) node.text = expand(node.shown, node.line, path);
    for (size_t i = 0; i < node.items.size(); ++i) run(node.items[i], path_of(node, i, path));
  }

 private:
  // As the reader names it: section.key, access_keys[0].value, and a list of texts by its own name.
  static std::string path_of(const ConfigNode& node, size_t i, const std::string& path) {
    const ConfigNode& item = node.items[i];
    if (node.kind == ConfigNode::Kind::section) return path.empty() ? item.key : path + "." + item.key;
    return item.kind == ConfigNode::Kind::scalar ? path : path + "[" + std::to_string(i) + "]";
  }

  std::string expand(std::string_view text, int line, const std::string& path) {
    std::string expanded;
    while (!text.empty()) {
      auto start = text.find("${");
      if (start > 0 && start != std::string_view::npos && text[start - 1] == '$') {  // $${
        expanded += std::string(text.substr(0, start - 1)) + "${";
        text.remove_prefix(start + 2);
        continue;
      }
      expanded += text.substr(0, start);
      if (start == std::string_view::npos) break;
      auto end = text.find('}', start);
      if (end == std::string_view::npos) {
        tell(line, path, "`${` has no `}`; for a literal `${` write `$${`");
        break;
      }
      expanded += value(text.substr(start + 2, end - start - 2), line, path);
      text.remove_prefix(end + 1);
    }
    return expanded;
  }

  std::string value(std::string_view reference, int line, const std::string& path) {
    auto mark = reference.find(":-");
    std::string name(reference.substr(0, mark));
    if (!is_name(name)) {
      tell(line, path,
           in_quotes(name) + " in `${}` is not a variable's name; for a literal `${` write `$${`");
      return "";
    }
    names.insert(name);
    auto found = lookup_(name);
    if (mark != std::string_view::npos && (!found || found->empty()))
      return std::string(reference.substr(mark + 2));
    if (!found)
      tell(line, path, "the variable " + name + " is not set; set it, or write ${" + name + ":-default}");
    return found.value_or("");
  }

  void tell(int line, const std::string& path, const std::string& what) {
    mistakes_.add(source_ + ":" + std::to_string(line), path, what);
  }

  const std::string& source_;
  const Lookup& lookup_;
  ConfigMistakes& mistakes_;
};

}  // namespace

std::set<std::string> expand_variables(ConfigNode& root, const std::string& source, const Lookup& lookup,
                                       ConfigMistakes& mistakes) {
  Expansion expansion(source, lookup, mistakes);
  expansion.run(root, "");
  return std::move(expansion.names);
}

}  // namespace cistern

#include "server/status/page_template.h"

#include <vector>

#include <nlohmann/json.hpp>

#include "server/status/figures.h"

namespace cistern {
namespace {

using Json = nlohmann::ordered_json;
using Scope = std::vector<const Json*>;  // the innermost last

const Json* find_in(const Json& value, std::string_view path) {
  const Json* found = &value;
  while (!path.empty()) {
    const std::string name(path.substr(0, path.find('.')));
    if (!found->is_object() || !found->contains(name)) return nullptr;
    found = &(*found)[name];
    path.remove_prefix(std::min(path.size(), name.size() + 1));
  }
  return found;
}

const Json& look_up(const Scope& scope, std::string_view path) {
  static const Json kNothing;
  if (path == ".") return *scope.back();
  for (size_t depth = scope.size(); depth-- > 0;)
    if (const Json* found = find_in(*scope[depth], path)) return *found;
  return kNothing;
}

bool shows(const Json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number()) return value.get<double>() != 0;
  if (value.is_string()) return !value.get_ref<const std::string&>().empty();
  return !value.empty();
}

std::string text_of(const Json& value, std::string_view format) {
  if (value.is_string()) return escape_html(value.get_ref<const std::string&>());
  if (value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (!value.is_number()) return "–";
  return figures::by_name(format, value.get<double>());
}

void fill(std::string_view page, Scope& scope, std::string& out);

void fill_section(bool inverse, const Json& value, std::string_view body, Scope& scope, std::string& out) {
  if (inverse == shows(value)) return;
  auto fill_within = [&](const Json& item) {
    scope.push_back(&item);
    fill(body, scope, out);
    scope.pop_back();
  };
  if (inverse || !value.is_array()) return fill_within(value);
  for (const Json& item : value) fill_within(item);
}

void fill(std::string_view page, Scope& scope, std::string& out) {
  for (size_t at; (at = page.find("{{")) != page.npos;) {
    out += page.substr(0, at);
    std::string_view tag = page.substr(at + 2, page.find("}}", at) - at - 2);
    page.remove_prefix(at + tag.size() + 4);
    if (tag[0] != '#' && tag[0] != '^') {
      const size_t bar = tag.find('|');
      const auto format = bar == tag.npos ? std::string_view() : tag.substr(bar + 1);
      out += text_of(look_up(scope, tag.substr(0, bar)), format);
      continue;
    }
    const std::string end = "{{/" + std::string(tag.substr(1)) + "}}";
    const std::string_view body = page.substr(0, page.find(end));
    page.remove_prefix(std::min(page.size(), body.size() + end.size()));
    fill_section(tag[0] == '^', look_up(scope, tag.substr(1)), body, scope, out);
  }
  out += page;
}

}  // namespace

std::string fill_template(std::string_view page, const Json& values) {
  std::string out;
  Scope scope{&values};
  fill(page, scope, out);
  return out;
}

std::string escape_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else
      out += c;
  }
  return out;
}

}  // namespace cistern

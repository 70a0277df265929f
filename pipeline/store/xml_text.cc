#include "pipeline/store/xml_text.h"

#include <algorithm>
#include <utility>

namespace cistern {
namespace {

std::string without_entities(std::string_view text) {
  static constexpr std::pair<std::string_view, char> kEntities[] = {
      {"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&#39;", '\''}};
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto entity = std::find_if(std::begin(kEntities), std::end(kEntities),
                                     [&](const auto& one) { return text.starts_with(one.first); });
    const bool found = entity != std::end(kEntities);
    out += found ? entity->second : text.front();
    text.remove_prefix(found ? entity->first.size() : 1);
  }
  return out;
}

}  // namespace

std::string xml_text(std::string_view document, std::string_view name) {
  document = document.substr(0, kMostXmlBytes);
  const std::string open = "<" + std::string(name) + ">", close = "</" + std::string(name) + ">";
  const size_t begin = document.find(open);
  if (begin == std::string_view::npos) return {};
  document.remove_prefix(begin + open.size());
  const size_t end = document.find('<');
  if (end == std::string_view::npos || !document.substr(end).starts_with(close)) return {};
  return without_entities(document.substr(0, end));
}

}  // namespace cistern

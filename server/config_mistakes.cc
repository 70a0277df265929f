// See config_mistakes.h.
#include "server/config_mistakes.h"

#include "server/config_values.h"

namespace cistern {

void ConfigMistakes::add(const std::string& where, const std::string& path, const std::string& what) {
  add_conflict(where, path, what);
  paths_.insert(path);
}

void ConfigMistakes::add_conflict(const std::string& where, const std::string& path,
                                  const std::string& what) {
  std::string line;
  if (!where.empty()) line += where + ": ";
  if (!path.empty()) line += path + ": ";
  lines_.push_back(line + what);
}

std::string ConfigMistakes::text() const {
  std::string text;
  for (const auto& line : lines_) text += (text.empty() ? "" : "\n") + line;
  return text;
}

std::string in_quotes(std::string_view text) {
  constexpr size_t kShown = 80;
  if (!is_printable(text)) return "text with control characters or broken UTF-8";
  if (text.size() > kShown) return "a text of " + std::to_string(text.size()) + " bytes";
  return "\"" + std::string(text) + "\"";
}

}  // namespace cistern

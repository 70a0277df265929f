// See settings_table.h.
#include "server/config/settings_table.h"

#include "server/config/table.h"

namespace cistern {
namespace {

std::string row(const std::string& path, const std::string& help, const ValueRule& rule,
                const std::string& standard) {
  const std::string values =
      rule.allowed() + (standard.empty() && !path.starts_with("access_keys[]") ? "; no default" : "");
  return "| `" + path + "` | " + help + " | " + values + " | " + standard + " |\n";
}

}  // namespace

std::string settings_table() {
  const Config defaults;
  std::string text = "| setting | what it sets | values | default |\n|---|---|---|---|\n";
  for (const auto& setting : config_settings()) {
    const auto words = setting.value.read(defaults);
    const std::string standard = words.empty() ? "" : words[0].empty() ? "\"\"" : join_list(words);
    text += row(setting.path, setting.help, setting.value.rule, standard);
    if (setting.path != "access_keys") continue;
    for (const auto& item : access_key_settings())
      text += row("access_keys[]." + item.path, item.help, item.value.rule, "");
  }
  return text;
}

}  // namespace cistern

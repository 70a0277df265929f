// See commented.h. Puts comments between the lines that print_config writes, so that there is one writer.
#include "server/config/commented.h"

#include <sstream>

#include "server/config/printer.h"
#include "server/config/table.h"

namespace cistern {
namespace {

struct Line {
  std::string text;
  std::string path;  // of the setting, or of the section that begins; empty: an access key's
  const Setting<Config>* setting = nullptr;
};

std::vector<Line> lines_of(const Config& config) {
  std::vector<Line> lines;
  std::istringstream printed(print_config(config));
  std::string section;
  for (std::string text; std::getline(printed, text);) {
    const bool inner = text.starts_with("  ");
    const std::string name = text.substr(inner ? 2 : 0, text.find(':') - (inner ? 2 : 0));
    if (!inner) section = name;
    std::string path = inner ? section + "." + name : name;
    if (section == "access_keys" && inner) path.clear();
    const bool value = !text.ends_with(":");
    lines.push_back({text, path, value ? find_setting(path) : nullptr});
  }
  return lines;
}

bool is_default(const Line& line, const Config& config) {
  return line.setting != nullptr && line.setting->value.read(config) == line.setting->value.read(Config());
}

std::string comment_of(const Line& line) {
  if (line.setting == nullptr) return "";
  const std::string indent = line.text.starts_with("  ") ? "  " : "";
  return indent + "# " + line.setting->help + "\n" + indent + "# (" + line.setting->value.rule.allowed() +
         ")\n";
}

// `partition:` stays if one of its settings does.
bool stays(const std::vector<Line>& lines, size_t at, const Config& config) {
  if (lines[at].setting != nullptr || lines[at].path.empty()) return !is_default(lines[at], config);
  for (size_t next = at + 1; next < lines.size() && lines[next].text.starts_with("  "); ++next)
    if (!is_default(lines[next], config)) return true;
  return false;
}

}  // namespace

std::string commented_config(const Config& config, Defaults defaults) {
  const auto lines = lines_of(config);
  std::string text;
  for (size_t at = 0; at < lines.size(); ++at) {
    const bool top = !lines[at].text.starts_with("  ");
    const bool kept = defaults == Defaults::shown || stays(lines, at, config);
    text += (top && at > 0 ? "\n" : "") + comment_of(lines[at]) + (kept ? "" : "#") + lines[at].text + "\n";
  }
  return text;
}

std::string example_config() {
  Config config;
  config.tls.certificate = "cert.pem";
  config.tls.private_key = "key.pem";
  config.access_keys = {{"firehose", "", "access-key"}};
  return "# Every setting of Cistern, with its default but for certificate, private key and access key.\n"
         "# It is enough to write those that differ.\n\n" +
         commented_config(config, Defaults::shown);
}

}  // namespace cistern

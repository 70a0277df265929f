// See commented.h. Puts comments between the lines that print_config writes, so that there is one writer.
#include "server/config/commented.h"

#include <algorithm>
#include <sstream>

#include "server/config/printer.h"
#include "server/config/table.h"

namespace cistern {
namespace {

struct Line {
  std::string text;
  std::string path;  // of the setting, or of the section that begins; empty: an access key's
  const Setting<Config>* setting = nullptr;

  size_t indent() const { return text.find_first_not_of(' '); }
};

std::vector<Line> lines_of(const Config& config) {
  std::vector<Line> lines;
  std::istringstream printed(print_config(config));
  std::vector<std::string> sections;  // those that are open, each with its '.'
  for (std::string text; std::getline(printed, text);) {
    Line line{text, "", nullptr};
    const size_t indent = line.indent();
    const std::string name = text.substr(indent, text.find(':') - indent);
    sections.resize(std::min(sections.size(), indent / 2));
    for (const auto& section : sections) line.path += section;
    if (line.path.starts_with("access_keys.")) {
      line.path.clear();
    } else if (line.path += name; text.ends_with(":")) {
      sections.push_back(name + ".");
    } else {
      line.setting = find_setting(line.path);
    }
    lines.push_back(line);
  }
  return lines;
}

bool is_default(const Line& line, const Config& config) {
  return line.setting != nullptr && line.setting->value.read(config) == line.setting->value.read(Config());
}

std::string comment_of(const Line& line) {
  if (line.setting == nullptr) return "";
  const std::string indent(line.indent(), ' ');
  return indent + "# " + line.setting->help + "\n" + indent + "# (" + line.setting->value.rule.allowed() +
         ")\n";
}

// `partition:` stays if one of its settings does.
bool stays(const std::vector<Line>& lines, size_t at, const Config& config) {
  if (lines[at].setting != nullptr || lines[at].path.empty()) return !is_default(lines[at], config);
  for (size_t next = at + 1; next < lines.size() && lines[next].indent() > lines[at].indent(); ++next) {
    const bool section = lines[next].setting == nullptr && !lines[next].path.empty();
    if (!section && !is_default(lines[next], config)) return true;
  }
  return false;
}

}  // namespace

std::string commented_config(const Config& config, Defaults defaults) {
  const auto lines = lines_of(config);
  std::string text;
  for (size_t at = 0; at < lines.size(); ++at) {
    const bool top = lines[at].indent() == 0;
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

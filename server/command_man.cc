// See command_man.h.
#include "server/command_man.h"

#include <CLI/CLI.hpp>

#include "server/command_tree.h"
#include "server/version.h"

namespace cistern {
namespace {

// Backslashes and dashes have meanings in roff, and so has a point or an apostrophe at a line's beginning.
std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    const bool first = result.empty() || result.back() == '\n';
    if (first && (c == '.' || c == '\'')) result += "\\&";
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-";
    else
      result += c;
  }
  return result;
}

// Examples and tables stand as they are, without being filled.
std::string literal(const std::string& text) {
  const auto begin = text.find_first_not_of('\n');
  if (begin == text.npos) return {};
  std::string lines;
  std::string line;
  for (const char c : text.substr(begin) + "\n") {
    if (c != '\n') {
      line += c;
      continue;
    }
    lines += line.empty() ? ".sp\n" : escaped(line) + "\n";
    line.clear();
  }
  return ".PP\n.nf\n" + lines + ".fi\n";
}

std::string option_item(const OptionFacts& option) {
  std::string head;
  for (const std::string& name : option.names)
    head += (head.empty() ? "\\fB" : ", \\fB") + escaped(name) + "\\fR";
  if (!option.type.empty()) head += " \\fI" + escaped(option.type) + "\\fR";
  std::string about = escaped(option.about);
  if (!option.words.empty()) {
    about += ": one of";
    for (const std::string& word : option.words) about += " " + escaped(word);
  }
  if (!option.standard.empty()) about += "; otherwise " + escaped(option.standard);
  return ".TP\n" + head + "\n" + about + ".\n";
}

std::string command_section(const CommandFacts& command) {
  std::string text = ".SS cistern " + escaped(command.path);
  if (!command.operand.empty()) text += " [" + escaped(command.operand) + "...]";
  text += "\n" + escaped(command.about) + ".\n";
  for (const OptionFacts& option : command.options) {
    const bool everywhere = option.names.front() == "--config" || option.names.front() == "--help";
    if (!everywhere) text += option_item(option);
  }
  return text + literal(command.footer);
}

constexpr const char* kDate = "2026-11-21";  // of this page's frame

constexpr const char* kFrame = R"(.SH FILES
.TP
.I cistern.yaml
The configuration, in the current folder unless \-\-config or CISTERN_CONFIG says otherwise; as a Debian package's
service: /etc/cistern/cistern.yaml. All settings:
.B cistern config reference
.TP
.I /usr/share/doc/cistern/runbook.md
Each alert and each error code, such as CIS\-4101: what is seen, why, and what to do.
.SH ENVIRONMENT
Each setting is a variable too: partition.flush_size is CISTERN_PARTITION_FLUSH_SIZE. Credentials for S3 are found
where each tool of AWS looks for them.
.SH EXIT STATUS
0: done. 1: it did not work. 2: wrong command line. 78: wrong configuration.
)";

}  // namespace

std::string man_page(const CLI::App& app) {
  const auto all = command_tree(app);
  const CommandFacts& program = all.front();
  std::string text = ".\\\" Made by: cistern man\n.TH CISTERN 1 \"" + std::string(kDate) + "\" \"Cistern " +
                     std::string(version()) +
                     "\" \"User Commands\"\n.SH NAME\ncistern \\- an exact archive of CloudWatch Logs\n"
                     ".SH SYNOPSIS\n.B cistern\n.I command\n.RI [ options ]\n.SH DESCRIPTION\n" +
                     escaped(program.about) + "\n" + literal(program.footer) + ".SH OPTIONS\n";
  for (const OptionFacts& option : program.options) text += option_item(option);
  text += ".SH COMMANDS\n";
  for (const CommandFacts& command : all)
    if (!command.path.empty()) text += command_section(command);
  return text + kFrame;
}

}  // namespace cistern

// See command_completion.h.
#include "server/command_completion.h"

#include <map>
#include <set>
#include <vector>

#include <CLI/CLI.hpp>

#include "server/command_tree.h"

namespace cistern {
namespace {

using Words = std::vector<std::string>;
using Value = OptionFacts::Value;

constexpr const char* kCompletionAfter = R"(
Examples:
  source <(cistern completion bash)
  cistern completion zsh > ~/.zfunc/_cistern
  cistern completion fish > ~/.config/fish/completions/cistern.fish)";

std::string joined(const Words& words, const std::string& between = " ") {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

Words option_names(const CommandFacts& command) {
  Words names;
  for (const OptionFacts& option : command.options)
    names.insert(names.end(), option.names.begin(), option.names.end());
  return names;
}

// Within single quotes of a shell.
std::string single_quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

// The first words that are commands say where on the tree a line is.
std::string bash_script(const std::vector<CommandFacts>& all) {
  std::string offers, values;
  std::set<std::string> seen;
  for (const CommandFacts& command : all) {
    Words words = command.commands;
    words.insert(words.end(), command.words.begin(), command.words.end());
    offers += "    " + single_quoted(command.path) + ") words=" + single_quoted(joined(words)) +
              " options=" + single_quoted(joined(option_names(command))) +
              (command.files ? " files=yes" : "") + " ;;\n";
    for (const OptionFacts& option : command.options) {
      if (option.value == Value::none || !seen.insert(command.path + option.names.front()).second) continue;
      Words patterns;
      for (const auto& name : option.names) patterns.push_back(single_quoted(command.path + " " + name));
      values += "    " + joined(patterns, "|") + ") ";
      values +=
          option.value == Value::words
              ? "COMPREPLY=($(compgen -W " + single_quoted(joined(option.words)) + " -- \"$word\")); return"
          : option.value == Value::file ? "compopt -o default 2>/dev/null; return"
                                        : "return";
      values += " ;;\n";
    }
  }
  Words paths;
  for (const CommandFacts& command : all)
    if (!command.path.empty()) paths.push_back(single_quoted(command.path));
  return "# bash completion of cistern; made by: cistern completion bash\n"
         "_cistern() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} at='' next i words='' "
         "options='' "
         "files=''\n"
         "  COMPREPLY=()\n"
         "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "    next=\"${at:+$at }${COMP_WORDS[i]}\"\n"
         "    case $next in " +
         joined(paths, "|") +
         ") at=$next ;; esac\n"
         "  done\n"
         "  case \"$at $before\" in\n" +
         values +
         "  esac\n"
         "  case $at in\n" +
         offers +
         "  esac\n"
         "  case $word in\n"
         "    -*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
         "    *) COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
         "       [ -z \"$files\" ] || compopt -o default 2>/dev/null ;;\n"
         "  esac\n"
         "}\n"
         "complete -F _cistern cistern\n";
}

std::string zsh_option(const OptionFacts& option) {
  std::string about;
  for (const char c : option.about)
    about += c == '[' || c == ']' || c == ':' ? std::string("\\") + c : std::string(1, c);
  const std::string after = option.value == Value::none    ? ""
                            : option.value == Value::words ? ":value:(" + joined(option.words) + ")"
                            : option.value == Value::file  ? ":file:_files"
                                                           : ":value:";
  std::string text;
  for (const std::string& name : option.names) {
    std::string completed = "*";
    completed.append(name).append("[").append(about).append("]").append(after);
    text.append(" ").append(single_quoted(completed));
  }
  return text;
}

std::string zsh_script(const std::vector<CommandFacts>& all) {
  std::map<std::string, std::string> about;
  for (const CommandFacts& command : all) about[command.path] = command.about;
  std::string cases, paths;
  for (const CommandFacts& command : all) {
    cases += "    " + single_quoted(command.path) + ")\n";
    std::string words;
    for (const std::string& name : command.commands)
      words +=
          " " + single_quoted(name + ":" + about[command.path.empty() ? name : command.path + " " + name]);
    for (const std::string& word : command.words) words += " " + single_quoted(word);
    if (!words.empty()) cases += "      commands=(" + words.substr(1) + ")\n";
    std::string options;
    for (const OptionFacts& option : command.options) options += zsh_option(option);
    cases += "      options=(" + options + ")\n" + (command.files ? "      files=yes\n" : "") + "      ;;\n";
    if (!command.path.empty()) paths += (paths.empty() ? "" : "|") + single_quoted(command.path);
  }
  return "#compdef cistern\n# Made by: cistern completion zsh\n"
         "_cistern() {\n"
         "  local at='' next i files=''\n"
         "  local -a commands options\n"
         "  for ((i = 2; i < CURRENT; i++)); do\n"
         "    next=\"${at:+$at }${words[i]}\"\n"
         "    case $next in (" +
         paths +
         ") at=$next ;; esac\n"
         "  done\n"
         "  case $at in\n" +
         cases +
         "  esac\n"
         "  (( ${#commands} )) && [[ $words[CURRENT] != -* ]] && _describe command commands\n"
         "  _arguments $options \"*: :${${files:+_files}:-()}\"\n"
         "}\n"
         "compdef _cistern cistern 2>/dev/null\n"
         "[ \"$funcstack[1]\" != _cistern ] || _cistern \"$@\"\n";
}

std::string fish_script(const std::vector<CommandFacts>& all) {
  std::string text =
      "# fish completion of cistern; made by: cistern completion fish\ncomplete -c cistern -f\n";
  std::map<std::string, std::string> about;
  for (const CommandFacts& command : all) about[command.path] = command.about;
  for (const CommandFacts& command : all) {
    std::string when = command.path.empty() ? "__fish_use_subcommand" : "";
    for (const std::string& word : CLI::detail::split(command.path, ' '))
      if (!word.empty()) when += (when.empty() ? "" : "; and ") + ("__fish_seen_subcommand_from " + word);
    const std::string line = "complete -c cistern -n " + single_quoted(when);
    for (const std::string& name : command.commands)
      text += line + " -a " + single_quoted(name) + " -d " +
              single_quoted(about[command.path.empty() ? name : command.path + " " + name]) + "\n";
    if (!command.words.empty()) text += line + " -a " + single_quoted(joined(command.words)) + "\n";
    if (command.files) text += line + " -F\n";
    for (const OptionFacts& option : command.options) {
      text += line;
      for (const std::string& name : option.names)
        text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      if (option.value != Value::none) text += option.value == Value::file ? " -r -F" : " -x";
      if (option.value == Value::words) text += " -a " + single_quoted(joined(option.words));
      text += " -d " + single_quoted(option.about) + "\n";
    }
  }
  return text;
}

}  // namespace

void add_completion_options(CLI::App& completion, CompletionCommand& command) {
  completion.footer(kCompletionAfter);
  completion.add_option("SHELL", command.shell, "Which shell's")
      ->required()
      ->check(CLI::IsMember(Words{"bash", "zsh", "fish"}));
}

std::string completion_script(const CLI::App& app, const std::string& shell) {
  const auto all = command_tree(app);
  if (shell == "zsh") return zsh_script(all);
  if (shell == "fish") return fish_script(all);
  return bash_script(all);
}

}  // namespace cistern

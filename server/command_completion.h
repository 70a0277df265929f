// `cistern completion SHELL`: a script made of the command line's own tree, so that it is never stale. Pure.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace cistern {

struct CompletionCommand {
  std::string shell;  // bash, zsh, fish
};

void add_completion_options(CLI::App& completion, CompletionCommand& command);

// The script to source, or to install where the shell looks for it.
std::string completion_script(const CLI::App& app, const std::string& shell);

}  // namespace cistern

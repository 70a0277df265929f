// The command line: which command, with which options. Pure: prints and runs nothing.
#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "server/command_config.h"
#include "server/command_ddl.h"
#include "server/command_init.h"
#include "server/command_lifecycle.h"
#include "server/command_top.h"
#include "server/journal/journal_command.h"

namespace CLI {
class App;
}

namespace cistern {

struct CommandLine {
  enum class Command {
    serve,
    check,
    send,
    redrive,
    journal,
    health,
    top,
    init,
    config,
    ddl,
    lifecycle,
    completion,
    man,
    version
  };
  Command command = Command::serve;
  std::string config_file;       // --config; empty: not given
  bool check_settings = false;   // check --settings: show what there is to set
  bool check_iam = false;        // check --iam: print the least IAM policy
  bool check_text_only = false;  // check --no-tries: print and do not try
  JournalCommand journal;
  InitCommand init;
  ConfigCommand config;
  DdlCommand ddl;
  LifecycleCommand lifecycle;
  TopCommand top;
  std::string printed;  // completion, man: what to print
};

// What to print before the process ends at once: help (exit code 0, standard output), or what was wrong with
// the command line (kExitUsage, standard error).
struct EarlyExit {
  int code = 0;
  std::string text;
};

// Puts the options of `cistern send` into its subcommand.
using AddSendOptions = std::function<void(CLI::App& send)>;

// `arguments` without the program's own name. `add_redrive_options`: the same for `cistern redrive`.
std::variant<CommandLine, EarlyExit> parse_command_line(const std::vector<std::string>& arguments,
                                                        const AddSendOptions& add_send_options,
                                                        const AddSendOptions& add_redrive_options = {});

}  // namespace cistern

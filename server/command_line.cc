// See command_line.h.
#include "server/command_line.h"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "pipeline/error_codes.h"
#include "server/command_completion.h"
#include "server/command_man.h"
#include "server/config/mistakes.h"
#include "server/config/nearest_name.h"
#include "server/config/values.h"
#include "server/exit_codes.h"

namespace cistern {
namespace {

constexpr const char* kAbout =
    "Cistern receives CloudWatch Logs from Amazon Data Firehose over HTTPS and writes an exact archive.";

constexpr const char* kCommandsAfter = R"(
Try it:
  cistern init try                          all that a first try needs, in a folder
  cistern check --config cistern.yaml       what would run, and whether it can
  cistern serve --config cistern.yaml       until SIGTERM or Ctrl-C, which drain it
  cistern send --help                       a Firehose of your own to try it with
  cistern redrive --help                    dead letters, sent again after a fix
  cistern journal inspect                   what a journal holds that is not stored yet
  cistern health                            whether the one that runs here is alive
  cistern top                               what it does, in this terminal
  cistern config example                    every setting, explained
  cistern ddl --for athena                  the statement to query the archive with

A small cistern.yaml:
  listen: 0.0.0.0:8443
  tls: { certificate: cert.pem, private_key: key.pem }
  access_keys: [ { name: firehose, value: "${CISTERN_ACCESS_KEY}" } ]
  store: { type: s3, bucket: my-archive, region: us-east-1 }

Without --config, the text in CISTERN_CONFIG is used, or else cistern.yaml in this folder. Every setting is also a
variable: partition.flush_size is CISTERN_PARTITION_FLUSH_SIZE. All of them: cistern check --settings

Exit codes: 0 done, 1 it did not work, 2 wrong command line, 78 wrong configuration)";

constexpr const char* kServeAfter = R"(
SIGTERM and SIGINT drain: no new connections, what is in flight is answered, what waits is stored as far as
timeouts.drain lets it; the journal keeps the rest for the next start. SIGHUP, and a change of the configuration's
file, read the configuration again, all or nothing; the log names what needs a restart.

Example, everything by variables:
  CISTERN_TLS_CERTIFICATE=cert.pem CISTERN_TLS_PRIVATE_KEY=key.pem CISTERN_ACCESS_KEYS_FIREHOSE=secret \
    cistern serve)";

constexpr const char* kCheckAfter = R"(
Prints the configuration in effect as YAML, secrets as ***, then tries: certificate and private key, access key
files, journal folder, store, and whether the ports are free. Beside a Cistern that runs with the same
configuration, journal and ports are in use: take --no-tries there.

Examples, before a restart, and to give a role what this configuration needs:
  cistern check --no-tries --config new.yaml && mv new.yaml cistern.yaml && systemctl restart cistern
  cistern check --iam > policy.json
  aws iam put-role-policy --role-name cistern --policy-name archive --policy-document file://policy.json)";

constexpr const char* kJournalAfter = R"(
For the day when something is wrong. No service may have the journal open; its folder is only read, never changed.

Example, what was acknowledged and is not stored, as files beside the archive:
  cistern journal verify --path /mnt/old-disk/journal
  cistern journal export --path /mnt/old-disk/journal --to rescued

Exit codes: 0 done and clean, 1 damaged, in use or not readable)";

constexpr const char* kHealthAfter = R"(
Gets /livez from metrics.listen and waits 3 s at most. Exit code 0: alive. For an image's HEALTHCHECK.)";

struct Commands {
  CLI::App app{kAbout, "cistern"};
  CommandLine line;
  CLI::App* serve = nullptr;
  CLI::App* check = nullptr;
  CLI::App* send = nullptr;
  CLI::App* redrive = nullptr;
  CLI::App* journal = nullptr;
  CLI::App* journal_inspect = nullptr;
  CLI::App* journal_verify = nullptr;
  CLI::App* journal_export = nullptr;
  CLI::App* health = nullptr;
  CLI::App* top = nullptr;
  CLI::App* init = nullptr;
  CLI::App* config = nullptr;
  CLI::App* ddl = nullptr;
  CLI::App* lifecycle = nullptr;
  CLI::App* completion = nullptr;
  CLI::App* man = nullptr;
  CompletionCommand completion_options;
  CLI::App* version = nullptr;

  Commands(const AddSendOptions& add_send_options, const AddSendOptions& add_redrive_options) {
    app.require_subcommand(1);
    app.fallthrough();  // --config may stand after the command
    app.footer(kCommandsAfter);
    app.add_option("--config", line.config_file, "YAML file of settings")->type_name("FILE");
    serve = app.add_subcommand("serve", "Receive deliveries until told to stop");
    serve->footer(kServeAfter);
    check = app.add_subcommand("check", "Show what would run, and try what can be tried");
    check->footer(kCheckAfter);
    auto* settings = check->add_flag("--settings", line.check_settings, "List all settings, and end");
    auto* iam = check->add_flag("--iam", line.check_iam, "Print the least IAM policy for the store, and end");
    check->add_flag("--no-tries", line.check_text_only, "Only read and print the configuration")
        ->excludes(settings)
        ->excludes(iam);
    iam->excludes(settings);
    send = app.add_subcommand("send", "Send log lines as Firehose would");
    if (add_send_options) add_send_options(*send);
    redrive = app.add_subcommand("redrive", "Send the records of dead letters once more");
    if (add_redrive_options) add_redrive_options(*redrive);
    add_journal();
    health =
        app.add_subcommand("health", "Ask the Cistern that runs with this configuration whether it is alive");
    health->footer(kHealthAfter);
    top = app.add_subcommand("top", "Watch a running Cistern in a terminal");
    add_top_options(*top, line.top);
    add_printing_commands();
    version = app.add_subcommand("version", "Say which version this is");
  }

  void add_journal() {
    journal = app.add_subcommand("journal", "Look into a journal that no service has open");
    journal->footer(kJournalAfter);
    journal->require_subcommand(1);
    journal->add_option("--path", line.journal.path, "The journal's folder; otherwise journal.path")
        ->type_name("FOLDER");
    journal_inspect = journal->add_subcommand("inspect", "What it holds, and what is not stored");
    journal_inspect->add_flag("--json", line.journal.json, "For a program to read");
    journal_verify = journal->add_subcommand("verify", "Check every sum; tell damage by file and offset");
    journal_export =
        journal->add_subcommand("export", "Write what is not stored as files below their partitions");
    journal_export->add_option("--to", line.journal.to, "Folder to write to; no file in it is replaced")
        ->type_name("FOLDER")
        ->required();
  }

  // Those that print what other tools read, or write it to a folder, and end.
  void add_printing_commands() {
    init = app.add_subcommand("init", "Make a folder to run from: configuration, certificate, keys");
    add_init_options(*init, line.init);
    config = app.add_subcommand("config", "Print what there is to set");
    add_config_forms(*config, line.config);
    ddl = app.add_subcommand("ddl", "Print the statement by which a query engine reads the archive");
    add_ddl_options(*ddl, line.ddl);
    lifecycle = app.add_subcommand("lifecycle", "Print the lifecycle configuration for the bucket");
    add_lifecycle_options(*lifecycle, line.lifecycle);
    completion = app.add_subcommand("completion", "Print a script that completes these commands in a shell");
    add_completion_options(*completion, completion_options);
    man = app.add_subcommand("man", "Print the manual page: cistern man | man -l -");
  }

  // In the order of the help.
  std::vector<CLI::App*> commands() const {
    return {serve, check,  send, redrive,   journal,    health, top,
            init,  config, ddl,  lifecycle, completion, man,    version};
  }

  void parse(std::vector<std::string> arguments) {
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    app.parse(std::move(arguments));
    if (check->parsed()) line.command = CommandLine::Command::check;
    if (send->parsed()) line.command = CommandLine::Command::send;
    if (redrive->parsed()) line.command = CommandLine::Command::redrive;
    if (journal->parsed()) line.command = CommandLine::Command::journal;
    if (journal_verify->parsed()) line.journal.action = JournalCommand::Action::verify;
    if (journal_export->parsed()) line.journal.action = JournalCommand::Action::write_out;
    if (health->parsed()) line.command = CommandLine::Command::health;
    if (top->parsed()) line.command = CommandLine::Command::top;
    if (init->parsed()) line.command = CommandLine::Command::init;
    if (config->parsed()) line.command = CommandLine::Command::config;
    if (ddl->parsed()) line.command = CommandLine::Command::ddl;
    if (lifecycle->parsed()) line.command = CommandLine::Command::lifecycle;
    if (completion->parsed()) line.command = CommandLine::Command::completion;
    if (completion->parsed()) line.printed = completion_script(app, completion_options.shell);
    if (man->parsed()) line.command = CommandLine::Command::man;
    if (man->parsed()) line.printed = man_page(app);
    if (version->parsed()) line.command = CommandLine::Command::version;
  }

  // CLI11 would only say that a command is missing. Empty: it is known, or an option.
  std::string unknown_command(const std::string& first) const {
    std::vector<std::string> names;
    for (auto* command : commands()) names.push_back(command->get_name());
    if (first.starts_with("-") || std::count(names.begin(), names.end(), first) > 0) return "";
    auto nearest = nearest_name(first, names);
    return in_quotes(first) + " is not a command; " +
           (nearest ? "did you mean " + *nearest + "?" : "there are " + join_list(names));
  }

  // The help of the command that was asked about.
  std::string help() const {
    for (auto* command : {journal_inspect, journal_verify, journal_export})
      if (command->parsed()) return command->help("cistern journal");
    for (auto* command : commands())
      if (command->parsed()) return command->help("cistern");
    return app.help();
  }
};

EarlyExit usage(const std::string& why) {
  return {kExitUsage, "cistern: " + coded("wrong_command_line", why) + "\nTry: cistern --help\n"};
}

}  // namespace

std::variant<CommandLine, EarlyExit> parse_command_line(const std::vector<std::string>& arguments,
                                                        const AddSendOptions& add_send_options,
                                                        const AddSendOptions& add_redrive_options) {
  Commands commands(add_send_options, add_redrive_options);
  if (arguments.empty()) return EarlyExit{kExitUsage, commands.help()};
  if (auto why = commands.unknown_command(arguments[0]); !why.empty()) return usage(why);
  try {
    commands.parse(arguments);
  } catch (const CLI::CallForHelp&) {
    return EarlyExit{kExitOk, commands.help()};
  } catch (const CLI::ParseError& e) {
    return usage(e.what());
  }
  if (commands.line.config_file.empty() && commands.app.count("--config") > 0)
    return usage("--config: needs a file's name");
  return commands.line;
}

}  // namespace cistern

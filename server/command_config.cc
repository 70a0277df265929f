// See command_config.h.
#include "server/command_config.h"

#include <ostream>

#include <CLI/CLI.hpp>

#include "server/config/commented.h"
#include "server/config/schema.h"
#include "server/config/settings_table.h"
#include "server/exit_codes.h"

namespace cistern {
namespace {

constexpr const char* kConfigAfter = R"(
Examples:
  cistern config example > cistern.yaml                all settings, each explained
  cistern config schema > cistern.schema.json          then, as an editor's first line of cistern.yaml:
      # yaml-language-server: $schema=cistern.schema.json)";

}  // namespace

void add_config_forms(CLI::App& config, ConfigCommand& command) {
  using Form = ConfigCommand::Form;
  config.require_subcommand(1);
  config.footer(kConfigAfter);
  auto add = [&](const char* name, Form form, const char* help) {
    config.add_subcommand(name, help)->callback([&command, form] { command.form = form; });
  };
  add("reference", Form::reference, "All settings as a Markdown table");
  add("schema", Form::schema, "The same as a JSON schema, for editors and tests");
  add("example", Form::example, "A configuration with every setting, each explained");
}

int run_config(const ConfigCommand& command, std::ostream& out) {
  using Form = ConfigCommand::Form;
  out << (command.form == Form::schema    ? config_schema()
          : command.form == Form::example ? example_config()
                                          : settings_table());
  return kExitOk;
}

}  // namespace cistern

// `cistern config`: what there is to set, in the forms that people, editors and tests read.
#pragma once

#include <iosfwd>

namespace CLI {
class App;
}

namespace cistern {

struct ConfigCommand {
  enum class Form { reference, schema, example };
  Form form = Form::reference;
};

// Makes its subcommands, one of which must be given.
void add_config_forms(CLI::App& config, ConfigCommand& command);

int run_config(const ConfigCommand& command, std::ostream& out);

}  // namespace cistern

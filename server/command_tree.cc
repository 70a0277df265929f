// See command_tree.h.
#include "server/command_tree.h"

#include <CLI/CLI.hpp>

namespace cistern {
namespace {

using Words = std::vector<std::string>;

// CLI11 shows the words that an option takes as {a,b,c}, where it has the type's name.
Words words_of(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const auto open = type.find('{'), close = type.find('}');
  if (open == type.npos || close == type.npos) return {};
  return CLI::detail::split(type.substr(open + 1, close - open - 1), ',');
}

bool takes_file(const CLI::Option& option) {
  const std::string type = option.get_type_name() + option.get_name(true);
  return type.find("FILE") != type.npos || type.find("FOLDER") != type.npos || type.find("DIR") != type.npos;
}

OptionFacts facts_of(const CLI::Option& option) {
  OptionFacts facts;
  for (const auto& name : option.get_lnames()) facts.names.push_back("--" + name);
  for (const auto& name : option.get_snames()) facts.names.push_back("-" + name);
  facts.about = option.get_description().substr(0, option.get_description().find('\n'));
  if (option.get_items_expected_max() == 0) return facts;  // a flag
  facts.words = words_of(option);
  facts.type = option.get_type_name().substr(0, option.get_type_name().find(':'));
  facts.standard = option.get_default_str();
  facts.value = !facts.words.empty() ? OptionFacts::Value::words
                : takes_file(option) ? OptionFacts::Value::file
                                     : OptionFacts::Value::other;
  return facts;
}

void collect(const CLI::App& app, const std::string& path, std::vector<CommandFacts>& all) {
  CommandFacts facts{path, app.get_description(), {}, {}, {}, false, {}, app.get_footer()};
  for (const CLI::Option* option : app.get_options()) {
    const bool named = !option->get_lnames().empty() || !option->get_snames().empty();
    if (named) {
      facts.options.push_back(facts_of(*option));
      continue;
    }
    facts.words = words_of(*option);
    facts.files = takes_file(*option);
    facts.operand = option->get_name(true);
  }
  // An option of the whole program may stand after each command (fallthrough).
  if (!path.empty())
    for (const OptionFacts& option : all.front().options)
      if (option.names.front() != "--help") facts.options.push_back(option);
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* command : commands) facts.commands.push_back(command->get_name());
  all.push_back(std::move(facts));
  for (const CLI::App* command : commands)
    collect(*command, path.empty() ? command->get_name() : path + " " + command->get_name(), all);
}

}  // namespace

std::vector<CommandFacts> command_tree(const CLI::App& app) {
  std::vector<CommandFacts> all;
  collect(app, "", all);
  return all;
}

}  // namespace cistern

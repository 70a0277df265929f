// The command line's own tree as plain facts: what completions and the manual are made of, so that neither
// says something else than --help. Pure.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace cistern {

struct OptionFacts {
  // What may stand after it: nothing, one of some words, a file, or something that nobody can guess.
  enum class Value { none, words, file, other };

  std::vector<std::string> names;  // with their dashes
  std::string about;
  std::string type;      // what --help calls its value; empty: takes none
  std::string standard;  // its default; empty: none
  Value value = Value::none;
  std::vector<std::string> words;
};

// One command, with what may stand on its line.
struct CommandFacts {
  std::string path;  // "", "journal", "journal inspect"
  std::string about;
  std::vector<std::string> commands;
  std::vector<OptionFacts> options;
  std::vector<std::string> words;  // that it takes without an option's name
  bool files = false;              // that it takes so
  std::string operand;             // what --help calls these
  std::string footer;              // examples and more, as --help shows it
};

// The program first, then each command before its own.
std::vector<CommandFacts> command_tree(const CLI::App& app);

}  // namespace cistern

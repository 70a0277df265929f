// What was asked of `cistern journal`. Plain values.
#pragma once

#include <string>

namespace cistern {

struct JournalCommand {
  enum class Action { inspect, verify, write_out };  // write_out: `export`
  Action action = Action::inspect;
  std::string path;   // --path; empty: that of the configuration
  std::string to;     // export --to
  bool json = false;  // inspect --json
};

}  // namespace cistern

// `cistern top`: the status of a running Cistern in a terminal. Blocks; the main thread.
#pragma once

#include <iosfwd>
#include <string>

#include "pipeline/result.h"
#include "server/config/values.h"

namespace CLI {
class App;
}

namespace cistern {

struct TopCommand {
  std::string url;  // empty: metrics.listen of the configuration
  int seconds = 2;  // between two looks
  bool once = false;
  bool colour = true;
};

void add_top_options(CLI::App& top, TopCommand& command);

// Of http://HOST:PORT, with or without a path; a name is looked up.
Result<Endpoint> endpoint_of(const std::string& url);

// Until it is ended; once, where `once` says so or standard output is no terminal. kExitFailed, and why on
// `errors`, where that one look brings nothing.
int run_top(const TopCommand& command, const Endpoint& endpoint, std::ostream& out, std::ostream& errors);

}  // namespace cistern

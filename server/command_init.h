// `cistern init`: a folder from which Cistern runs at once: configuration, certificate, private key, access
// key.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

namespace CLI {
class App;
}

namespace cistern {

struct InitCommand {
  std::string folder = ".";
};

void add_init_options(CLI::App& init, InitCommand& command);

// Writes cistern.yaml, cert.pem, key.pem and access-key, the last two for their owner alone, and what to do
// next to `out`. kExitFailed, and why on `errors`: a file cannot be written, or is there already; none is
// ever replaced.
int run_init(const InitCommand& command, int64_t wall_ms, std::ostream& out, std::ostream& errors);

}  // namespace cistern

// Where a configuration comes from. The only door to the process's environment (config.cc).
//
// The document is the file of --config, or else the text in CISTERN_CONFIG, or else ./cistern.yaml if there
// is one, or else nothing; --config and CISTERN_CONFIG together are a mistake. CISTERN_<PATH> variables go
// before the document. Relative paths in it are relative to the process's folder.
#pragma once

#include <string>

#include "pipeline/result.h"
#include "server/config.h"
#include "server/config/reading.h"

namespace cistern {

struct ConfigSources {
  std::string file;  // of --config; empty: not given
  Environment environment;
  std::string default_file = "cistern.yaml";
};

struct LoadedConfig {
  Config config;
  std::string
      source;  // for a person: "cistern.yaml", "CISTERN_CONFIG", "defaults", with "and the environment"
  std::string file{};  // that was read; empty: none
  std::string text{};  // as it was read
};

// Reads everything anew. The error (`invalid`) holds all mistakes, a line each.
Result<LoadedConfig> load_config(const ConfigSources& sources);

Environment process_environment();

}  // namespace cistern

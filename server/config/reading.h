// A configuration while it is read: values as they come in, where each came from, and all mistakes. A later
// source replaces what an earlier one said: first the document, then the environment.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "server/config.h"
#include "server/config/document.h"
#include "server/config/mistakes.h"

namespace cistern {

// The process's variables, or a test's.
struct Environment {
  std::vector<std::string> names;
  Lookup value;
};

struct ConfigReading {
  Config config;
  ConfigMistakes mistakes;
  std::map<std::string, std::string> origins;  // path -> "cistern.yaml:3" or a variable's name

  bool given(const std::string& path) const { return origins.count(path) > 0; }
  bool from_variable(const std::string& path) const;
  // A mistake about settings whose values are each allowed but do not go together. Told of the first one; not
  // at all when one of them could not be taken anyway.
  void conflict(const std::vector<std::string>& paths, const std::string& what);
};

void read_document(const ConfigNode& root, const std::string& source, ConfigReading& reading);

// CISTERN_<PATH> for every setting (lists: separated by commas), CISTERN_ACCESS_KEYS_<NAME> for an access key
// of that name, CISTERN_ACCESS_KEYS_<NAME>_FILE for one in a file. A CISTERN_ variable that is none of these,
// is not among `used` (by the document) and looks like a setting is a mistake.
void read_environment(const Environment& environment, const std::set<std::string>& used,
                      ConfigReading& reading);

// What is not configured and the AWS SDKs take from variables too: endpoint, dual stack, FIPS, proxy.
void read_endpoint_variables(const Environment& environment, ConfigReading& reading);

// What must hold between settings.
void check_rules(ConfigReading& reading);

// What the pipeline's own parsers say of the key templates and the line format.
void check_pipeline(ConfigReading& reading);

}  // namespace cistern

// The settings as a JSON schema, for editors and for tests of configurations (YAML is checked after it was
// read as JSON). Looser than `cistern check` in what a form cannot say: units are checked, ranges of sizes
// and durations are not, nor what must hold between settings.
#pragma once

#include <string>

namespace cistern {

// Draft 2020-12, indented, ends in a newline.
std::string config_schema();

}  // namespace cistern

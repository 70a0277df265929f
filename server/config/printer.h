// The configuration as text: what is in effect, and what there is to set.
#pragma once

#include <string>

#include "server/config.h"

namespace cistern {

// YAML that says the same as `config`, defaults included; each secret is ***.
std::string print_config(const Config& config);

// Every setting with its variable, default, what is allowed, and what it is for.
std::string config_reference();

}  // namespace cistern

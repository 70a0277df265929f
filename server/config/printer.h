// The configuration as text: what is in effect, and what there is to set.
#pragma once

#include <string>
#include <vector>

#include "server/config.h"

namespace cistern {

// YAML that says the same as `config`, defaults included; each secret is ***.
std::string print_config(const Config& config);

// The same as a list: every setting, and each access key's as access_keys.NAME.value and so on.
struct SettingInEffect {
  std::string path;
  std::string value;  // as text; a secret that is set is ***
  bool is_default = false;
};
std::vector<SettingInEffect> settings_in_effect(const Config& config);

// Every setting with its variable, default, what is allowed, and what it is for.
std::string config_reference();

}  // namespace cistern

// The one table of settings: everything that can be configured, in the order it is shown.
// A section is the part of a path before its last dot: `partition.flush_size` is `flush_size` in `partition`.
// A setting that has a section's own name (`tls: off`) is written instead of that section.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/config.h"
#include "server/config/setting.h"

namespace cistern {

const std::vector<Setting<Config>>& config_settings();

// Of one item of `access_keys`.
const std::vector<Setting<AccessKeyConfig>>& access_key_settings();

const Setting<Config>* find_setting(std::string_view path);  // null: there is none

// The names within a section; "" is the top, whose names include the sections'. Empty: no such section.
std::vector<std::string> names_in(std::string_view section);

// partition.flush_size -> CISTERN_PARTITION_FLUSH_SIZE
std::string variable_of(std::string_view path);

}  // namespace cistern

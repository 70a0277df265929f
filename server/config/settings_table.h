// The settings as the README's table: Markdown rows, a test compares.
#pragma once

#include <string>

namespace cistern {

// | setting | what it sets | values | default |
std::string settings_table();

}  // namespace cistern

// Which Cistern this is. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace cistern {

std::string_view version();   // "0.1.0"
std::string_view revision();  // the commit it was built from, "-dirty" when changed since; empty: not known
std::string version_text();   // "0.1.0 (1a2b3c4)"

}  // namespace cistern

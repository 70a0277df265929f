// "Did you mean": the right name nearest to a wrong one, by edit distance. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cistern {

// Nothing when none is so near that it is likely meant (a third of its letters may differ).
std::optional<std::string> nearest_name(std::string_view wrong, const std::vector<std::string>& right);

}  // namespace cistern

// What nlohmann's parser, with which ours are compared, refuses although it is JSON. Header only.
#pragma once

#include <regex>
#include <string_view>

namespace cistern::test {

// Lone surrogates, and numbers that no double holds.
inline bool may_be_refused(std::string_view json) {
  static const std::regex special(R"(\\u|[eE]\+?[0-9]{3}|[0-9]{200})");
  return std::regex_search(json.begin(), json.end(), special);
}

}  // namespace cistern::test

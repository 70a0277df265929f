// YAML (and JSON, which is YAML) as a tree of texts with line numbers: what a configuration needs and no
// more. One document, no anchors, aliases or tags of one's own, so that a text's tree is never larger than
// the text.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/config/mistakes.h"

namespace cistern {

struct ConfigNode {
  enum class Kind { empty, scalar, list, section };
  Kind kind = Kind::empty;
  int line = 0;                   // from 1
  std::string key;                // in a section
  std::string text;               // of a scalar
  std::string shown;              // the same before expansion: what an error text may quote
  std::vector<ConfigNode> items;  // of a list or a section, in their order; a section's keys differ
};

inline constexpr size_t kMaxConfigBytes = 256 << 10;

// Mistakes are told as of `source`, a file's or a variable's name. Gives the part that was understood; an
// empty text is an empty section.
ConfigNode parse_config_document(std::string_view text, const std::string& source, ConfigMistakes& mistakes);

using Lookup = std::function<std::optional<std::string>(const std::string& name)>;

// Replaces `${NAME}` and `${NAME:-default}` (where NAME is not set or empty) in every scalar; `$${` stands
// for
// `${`. What was put in is not looked at again. Returns the names that were asked for.
std::set<std::string> expand_variables(ConfigNode& root, const std::string& source, const Lookup& lookup,
                                       ConfigMistakes& mistakes);

}  // namespace cistern

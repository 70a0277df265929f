// `cistern journal verify`: every damage with its file and offset.
#pragma once

#include <iosfwd>

#include "pipeline/journal/journal_reader.h"

namespace cistern {

// True: clean. What looks like the torn end of a last commit is told, and is no damage: a start cuts it.
bool print_damage(const JournalReader& journal, std::ostream& out);

}  // namespace cistern

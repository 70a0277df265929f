// `cistern journal inspect`: what a journal holds, as a person or a program reads it. Pure but for `out`.
#pragma once

#include <iosfwd>

#include "pipeline/journal/journal_reader.h"

namespace cistern {

void print_journal(const JournalReader& journal, std::ostream& out);
// One JSON object. Times are Unix milliseconds, 0 where there is none.
void print_journal_json(const JournalReader& journal, std::ostream& out);

}  // namespace cistern

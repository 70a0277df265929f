// `cistern journal inspect|verify|export`: for the day when something is wrong with a journal. Reads its
// folder without a service, and changes nothing in it. Blocks; the main thread.
#pragma once

#include <functional>
#include <iosfwd>

#include "pipeline/disk.h"
#include "server/journal/export.h"
#include "server/journal/journal_command.h"

namespace cistern {

struct JournalDoors {
  Disk& disk;
  std::function<Result<Exported>(const JournalReader&)> write_out;  // export_unstored() into the folder `to`
};

// `command.path` is set. Gives kExitOk, or kExitFailed: the journal cannot be read, is damaged (verify,
// export), or files could not be written.
int run_journal(const JournalCommand& command, const JournalDoors& doors, std::ostream& out,
                std::ostream& errors);

}  // namespace cistern

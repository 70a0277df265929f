// See command_journal.h.
#include "server/command_journal.h"

#include <ostream>

#include "pipeline/error_codes.h"
#include "server/exit_codes.h"
#include "server/journal/inspect.h"
#include "server/journal/verify.h"

namespace cistern {
namespace {

int inspect(const JournalReader& journal, bool json, std::ostream& out) {
  json ? print_journal_json(journal, out) : print_journal(journal, out);
  return kExitOk;
}

int write_out(const JournalReader& journal, const JournalCommand& command, const JournalDoors& doors,
              std::ostream& out, std::ostream& errors) {
  const auto exported = doors.write_out(journal);
  if (!exported) {
    errors << "cistern: " << coded("journal_not_exported", exported.error().what) << "\n";
    return kExitFailed;
  }
  const Exported& done = exported.value();
  out << command.to << ": " << done.files << " files with " << done.events << " events, " << done.bytes
      << " bytes";
  if (done.there_already > 0) out << " (" << done.there_already << " were there already)";
  out << "\n";
  if (!journal.unstored().sealed.empty())
    out << journal.unstored().sealed.size()
        << " of them were being sent when the service ended: the store may have them, under the same keys\n";
  if (!journal.damaged()) return kExitOk;
  errors << "cistern: "
         << coded(
                "damage_not_exported",
                "the journal is damaged, and what is damaged was not exported: see `cistern journal verify`")
         << "\n";
  return kExitFailed;
}

}  // namespace

int run_journal(const JournalCommand& command, const JournalDoors& doors, std::ostream& out,
                std::ostream& errors) {
  const auto journal = JournalReader::open(doors.disk, command.path);
  if (!journal) {
    errors << "cistern: "
           << coded("journal_not_read",
                    "the journal in " + command.path + " was not read: " + journal.error().what)
           << "\n";
    return kExitFailed;
  }
  switch (command.action) {
    case JournalCommand::Action::inspect:
      return inspect(*journal.value(), command.json, out);
    case JournalCommand::Action::verify:
      return print_damage(*journal.value(), out) ? kExitOk : kExitFailed;
    case JournalCommand::Action::write_out:
      return write_out(*journal.value(), command, doors, out, errors);
  }
  return kExitFailed;
}

}  // namespace cistern

#include "server/journal/verify.h"

#include <ostream>

namespace cistern {
namespace {

std::string place(const ByteRange& range) {
  return "at offset " + std::to_string(range.start) + ", " + std::to_string(range.end - range.start) +
         " bytes";
}

void print_damages(const SegmentSummary& segment, std::ostream& out) {
  for (const ByteRange& range : segment.found.damages)
    out << segment.path << ": damaged " << place(range) << "\n";
  for (const ByteRange& frame : segment.found.bad_frames)
    out << segment.path << ": of these, a frame " << place(frame) << "\n";
  if (segment.found.torn)
    out << segment.path << ": the record " << place(*segment.found.torn)
        << " does not check, and nothing was written behind it: the torn end of a last commit, never "
           "acknowledged (or damage to a commit that was; this cannot be told apart)\n";
}

}  // namespace

bool print_damage(const JournalReader& journal, std::ostream& out) {
  uint64_t records = 0;
  uint64_t frames = 0;
  uint64_t bytes = 0;
  for (const SegmentSummary& segment : journal.segments()) {
    print_damages(segment, out);
    records += segment.records();
    frames += segment.frames;
    bytes += segment.found.cut;
  }
  for (const std::string& path : journal.missing()) out << path << ": is missing\n";
  out << (journal.damaged() ? "DAMAGED" : "clean") << ": " << journal.segments().size() << " segments, "
      << records << " records, " << frames << " frames, " << bytes << " bytes were checked";
  if (journal.damaged()) out << "; " << journal.unstored().quarantined_bytes << " bytes are damaged";
  out << "\n";
  return !journal.damaged();
}

}  // namespace cistern

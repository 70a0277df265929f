// A journal as it lies, looked at while nobody serves from it: every record read and every sum checked, as a
// start would, but nothing is written, cut, copied aside or made. For commands; one thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/journal/journal.h"
#include "pipeline/journal/journal_folder.h"
#include "pipeline/journal/segment_scan.h"

namespace cistern {

// One segment, and what was found in it.
struct SegmentSummary {
  uint64_t segment = 0;
  std::string path;
  uint64_t bytes = 0;       // of the file
  SegmentFindings found;    // `bad_frames` only of `damages`
  uint64_t deliveries = 0;  // records, by type
  uint64_t seals = 0;
  uint64_t stored = 0;
  uint64_t seen = 0;
  uint64_t frames = 0;
  uint64_t first_offset = 0;  // of its records; 0: it has none
  uint64_t last_offset = 0;
  int64_t first_arrived_ms = 0;  // of its deliveries
  int64_t last_arrived_ms = 0;
  uint64_t first_sequence = 0;  // of its seals
  uint64_t last_sequence = 0;

  uint64_t records() const { return deliveries + seals + stored + seen; }
};

class JournalReader : public FrameReader {
 public:
  // Locks the folder against a service, without writing to it, and reads all of it. Errors: `fatal` when a
  // process has it open (the text names it), `invalid` when there is no journal or a newer version wrote it.
  static Result<std::unique_ptr<JournalReader>> open(Disk& disk, const std::string& path);

  const JournalFolder& folder() const { return *folder_; }
  const std::vector<SegmentSummary>& segments() const { return segments_; }
  // What a start would put back; `quarantined_bytes` is what it would copy aside.
  const Recovered& unstored() const { return unstored_; }
  const std::vector<std::string>& missing() const { return missing_; }  // paths of segments between others
  const std::vector<std::string>& quarantine() const { return quarantine_; }  // names in that folder
  uint64_t remembered() const { return remembered_; }  // identities of deliveries and records, at most
  bool damaged() const { return unstored_.quarantined_bytes > 0 || !missing_.empty(); }

  Result<> read(const FrameRef& ref, Buffer& into) const override;

 private:
  JournalReader() = default;
  Result<> read_all(Disk& disk);
  Result<> read_segment(uint64_t segment, uint64_t bytes, class JournalReplay& replay);

  std::unique_ptr<JournalFolder> folder_;
  std::map<uint64_t, std::unique_ptr<File>> files_;
  std::vector<SegmentSummary> segments_;
  Recovered unstored_;
  std::vector<std::string> missing_;
  std::vector<std::string> quarantine_;
  uint64_t remembered_ = 0;
};

}  // namespace cistern

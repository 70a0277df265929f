#include "pipeline/journal/journal_recovery.h"

#include <iterator>
#include <utility>

#include "pipeline/journal/journal_replay.h"
#include "pipeline/log.h"

namespace cistern {
namespace {

constexpr uint64_t kProgressBytes = 1ull << 30;
// Damage may have taken seals whose objects are stored: their sequences must not be given out again.
constexpr uint64_t kSequencesSkippedAfterDamage = 1ull << 20;

class Recovery {
 public:
  Recovery(JournalFolder& folder, const Clock& clock, SeenDeliveries& seen, const RecoveryProgress& progress)
      : folder_(folder),
        started_ms_(clock.steady_ms()),
        clock_(clock),
        seen_(seen),
        progress_(progress),
        replay_(seen) {}

  Result<JournalRecovery> run();

 private:
  struct Finding {
    uint64_t segment;
    ByteRange range;
  };

  Result<> read_segments();
  Result<> read_segment(const File& file, uint64_t segment, uint64_t size);
  void tell_progress(uint64_t read);
  void look_for_gap(uint64_t segment);
  Result<> set_damage_aside();

  JournalFolder& folder_;
  const int64_t started_ms_;
  const Clock& clock_;
  SeenDeliveries& seen_;
  const RecoveryProgress& progress_;
  JournalReplay replay_;
  JournalRecovery result_;
  std::vector<Finding> damages_;
  uint64_t cut_ = 0;
  uint64_t last_commit_ = 0;
  uint64_t previous_segment_ = 0;
  uint64_t read_bytes_ = 0;
  bool damaged_ = false;
};

Result<JournalRecovery> Recovery::run() {
  tell_progress(0);
  CISTERN_TRY(read_segments());
  CISTERN_TRY(set_damage_aside());
  if (previous_segment_ != 0) {
    CISTERN_TRY(folder_.cut_segment(previous_segment_, last_commit_, cut_));
  }
  const uint64_t quarantined = result_.recovered.quarantined_bytes;
  result_.recovered = replay_.finish();
  result_.recovered.quarantined_bytes = quarantined;
  result_.lost = replay_.take_lost();
  result_.next_segment = previous_segment_ + 1;
  result_.next_sequence = std::max(result_.next_sequence, replay_.last_sequence() + 1);
  if (damaged_) result_.next_sequence += kSequencesSkippedAfterDamage;
  seen_.sort_by_age();
  log_info("journal_recovered", "the journal is read",
           {{"segments", folder_.segments().size()},
            {"bytes", read_bytes_},
            {"open_frames", result_.recovered.open.size()},
            {"sealed_objects", result_.recovered.sealed.size()},
            {"quarantined_bytes", quarantined},
            {"seconds", static_cast<double>(clock_.steady_ms() - started_ms_) / 1000}});
  return std::move(result_);
}

// The next is opened before one is read, so that the disk never waits.
Result<> Recovery::read_segments() {
  const auto& segments = folder_.segments();
  std::unique_ptr<File> next;
  for (auto at = segments.begin(); at != segments.end(); ++at) {
    std::unique_ptr<File> file = std::move(next);
    if (!file) {
      CISTERN_TRY(file, folder_.open_to_scan(at->first));
    }
    if (std::next(at) != segments.end()) {
      CISTERN_TRY(next, folder_.open_to_scan(std::next(at)->first));
    }
    CISTERN_TRY(read_segment(*file, at->first, at->second));
  }
  return ok();
}

Result<> Recovery::read_segment(const File& file, uint64_t segment, uint64_t size) {
  look_for_gap(segment);
  const bool last = segment == folder_.segments().rbegin()->first;
  SegmentScan scan(file, size, folder_.id(), segment, last);
  CISTERN_TRY(auto findings,
              scan.run([&](ScannedRecord record) { replay_.play(segment, std::move(record)); }));
  if (findings.header) {
    result_.next_sequence = std::max(result_.next_sequence, findings.header->next_sequence);
  }
  for (const ByteRange& range : findings.damages) damages_.push_back({segment, range});
  cut_ = findings.cut;
  last_commit_ = findings.last_commit;
  previous_segment_ = segment;
  tell_progress(size);
  return ok();
}

void Recovery::tell_progress(uint64_t read) {
  const uint64_t before = read_bytes_;
  read_bytes_ += read;
  if (progress_) progress_(read_bytes_, folder_.segment_bytes());
  if (before / kProgressBytes == read_bytes_ / kProgressBytes) return;
  log_info("journal_reading", "reading the journal",
           {{"bytes", read_bytes_}, {"of_bytes", folder_.segment_bytes()}});
}

void Recovery::look_for_gap(uint64_t segment) {
  if (previous_segment_ == 0 || segment == previous_segment_ + 1) return;
  damaged_ = true;
  log_error(
      "journal_segment_missing", "journal segments are missing: put them back if you can, and restart",
      {{"file", folder_.segment_path(previous_segment_ + 1)}, {"segments", segment - previous_segment_ - 1}});
}

Result<> Recovery::set_damage_aside() {
  for (const auto& [segment, range] : damages_) {
    damaged_ = true;
    CISTERN_TRY(const std::string copy, folder_.set_aside(segment, range));
    result_.recovered.quarantined_bytes += range.end - range.start;
    log_error("journal_damaged",
              "part of the journal is damaged; it was copied aside and the rest is recovered",
              {{"file", folder_.segment_path(segment)},
               {"offset", range.start},
               {"bytes", range.end - range.start},
               {"copy", copy}});
  }
  return ok();
}

}  // namespace

Result<JournalRecovery> recover_journal(JournalFolder& folder, const Clock& clock, SeenDeliveries& seen,
                                        const RecoveryProgress& progress) {
  return Recovery(folder, clock, seen, progress).run();
}

}  // namespace cistern

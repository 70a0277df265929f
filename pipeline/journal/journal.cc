// Opening a journal: folder, recovery, the first segment of this run.
#include "pipeline/journal/journal.h"

#include <algorithm>

#include "pipeline/journal/journal_recovery.h"
#include "pipeline/journal/segmented_journal.h"

namespace cistern {
namespace {

constexpr uint64_t kLeastSegmentBytes = 4096;

JournalOptions within_bounds(JournalOptions options) {
  options.segment_bytes =
      std::max(kLeastSegmentBytes, std::min(options.segment_bytes, options.max_bytes / 8));
  // All identities together fit into one segment with room to spare, or dropping segments would not end.
  options.remember_entries =
      std::min(options.remember_entries, options.segment_bytes / 4 * 3 / kSeenIdentityBytes);
  return options;
}

SegmentRetention retention_of(const Recovered& recovered, const JournalFolder& folder) {
  SegmentRetention retention;
  for (const auto& [segment, size] : folder.segments()) retention.add_segment(segment);
  for (const JournaledFrame& frame : recovered.open) retention.add_frames(frame.ref.segment, 1);
  // Those that damage took as well: they are sealed again, and told as stored, like the others.
  for (const RecoveredSeal& sealed : recovered.sealed) {
    for (const FrameRef& ref : sealed.seal.frames) {
      if (folder.segments().contains(ref.segment)) retention.add_frames(ref.segment, 1);
    }
    retention.add_seal(sealed.seal.sequence, 0, sealed.seal.frames);
  }
  return retention;
}

}  // namespace

Result<std::unique_ptr<Journal>> open_journal(Disk& disk, const Clock& clock,
                                              boost::asio::any_io_executor disk_executor,
                                              JournalOptions options, Metrics& metrics,
                                              Recovered& recovered) {
  options = within_bounds(std::move(options));
  CISTERN_TRY(auto folder, JournalFolder::open(disk, options.path));
  auto seen = std::make_unique<SeenDeliveries>(options.remember_entries, options.remember_seconds);
  CISTERN_TRY(auto recovery, recover_journal(*folder, clock, *seen, options.progress));
  metrics.quarantined_bytes.Increment(static_cast<double>(recovery.recovered.quarantined_bytes));

  SegmentedJournal::Parts parts;
  parts.retention = retention_of(recovery.recovered, *folder);
  parts.retention.add_segment(recovery.next_segment);
  parts.next_sequence = recovery.next_sequence;
  parts.seen = std::move(seen);
  parts.lost = std::move(recovery.lost);
  parts.log = std::make_unique<SegmentLog>(disk, clock, std::move(folder), options, metrics);
  CISTERN_TRY(parts.log->begin(recovery.next_segment, recovery.next_sequence));
  recovered = std::move(recovery.recovered);
  return std::unique_ptr<Journal>(
      std::make_unique<SegmentedJournal>(std::move(parts), clock, std::move(disk_executor), metrics));
}

}  // namespace cistern

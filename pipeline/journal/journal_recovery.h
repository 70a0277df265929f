// What a start makes of a journal folder: reads its segments from the oldest to the newest, puts back what is
// not stored, sets damage aside, and leaves the last segment cut at its torn end, so that the journal can go
// on in a new one. May be interrupted and run again at any point.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "pipeline/clock.h"
#include "pipeline/journal/journal.h"
#include "pipeline/journal/journal_folder.h"
#include "pipeline/journal/seen_deliveries.h"
#include "pipeline/result.h"

namespace cistern {

struct JournalRecovery {
  Recovered recovered;
  std::vector<Digest128> lost;  // see Journal::lost
  uint64_t next_sequence = 1;
  uint64_t next_segment = 1;
};

using RecoveryProgress = std::function<void(uint64_t read_bytes, uint64_t of_bytes)>;

// `seen` is filled; `progress` may be null. Refuses (`invalid`) what a newer version wrote, before anything
// is changed.
Result<JournalRecovery> recover_journal(JournalFolder& folder, const Clock& clock, SeenDeliveries& seen,
                                        const RecoveryProgress& progress);

}  // namespace cistern

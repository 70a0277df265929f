// The journal's segments as one file without end: what is being written, when the next segment begins, what
// space may be taken, and which segments go. Knows commits, not what is in them.
//
// Owned by the journal and used on the disk executor, but for file_of() and room(), which any thread may
// call. After a `fatal` error nothing may be written any more.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "pipeline/clock.h"
#include "pipeline/journal/commit.h"
#include "pipeline/journal/free_space.h"
#include "pipeline/journal/journal_folder.h"
#include "pipeline/metrics.h"

namespace cistern {

class SegmentLog {
 public:
  enum class For {
    deliveries,  // within the bounds, and never the last spare segment
    control,     // seals and what is stored: needed to empty a full journal, so always, the reserve included
  };

  SegmentLog(Disk& disk, const Clock& clock, std::unique_ptr<JournalFolder> folder,
             const JournalOptions& options, Metrics& metrics);

  // After recovery, once: opens the live segments for reading and begins a new one.
  Result<> begin(uint64_t segment, uint64_t next_sequence);

  uint64_t segment() const { return segment_; }
  Commit new_commit() const { return Commit(*checks_, end_); }
  bool fits(const Commit& commit, uint64_t bytes) const;
  // One write and one sync at the end of the current segment.
  Result<> write(const Commit& commit);

  // Makes sure that rotate() can begin a segment with room for a record of `bytes`. `busy`: not now.
  Result<> prepare(uint64_t bytes, For purpose);
  // Ends the current segment and begins the one that prepare() last made room for.
  Result<> rotate(uint64_t next_sequence);
  // Forgets segments, oldest first.
  Result<> drop(const std::vector<uint64_t>& segments);

  std::shared_ptr<File> file_of(uint64_t segment) const;  // null: there is no such segment any more
  const std::string& id() const { return folder_->id(); }
  uint64_t bytes() const { return bytes_; }
  // See Journal::room().
  Result<> room() const;
  // See Journal::set_aside().
  Result<std::string> set_aside(const FrameRef& ref);
  bool low_on_disk() const { return free_space_.low(); }
  Error low_on_disk_error() const;
  bool half_full() const { return 2 * folder_->segment_bytes() > options_.max_bytes; }

 private:
  Result<> begin_segment(uint64_t segment, uint64_t next_sequence, uint64_t size);
  Result<> prepare_for_delivery(uint64_t size);
  Error at_bound_error() const;
  void update_bounds();

  const JournalOptions options_;
  const Clock& clock_;
  Metrics& metrics_;
  std::unique_ptr<JournalFolder> folder_;
  FreeSpace free_space_;
  std::atomic<uint64_t> bytes_{0};
  std::atomic<bool> at_bound_{false};  // what is left is less than a delivery of a usual size takes
  std::atomic<bool> refused_{false};   // a delivery was refused at max_bytes, and no segment has gone since
  std::atomic<uint64_t> needed_next_{0};  // of the file system, for deliveries soon to come

  // The segment that is being written.
  uint64_t segment_ = 0;
  std::shared_ptr<File> file_;
  std::unique_ptr<PlaceChecks> checks_;
  uint64_t size_ = 0;
  uint64_t end_ = 0;
  uint64_t next_size_ = 0;  // what prepare() promised

  mutable std::mutex files_mutex_;
  std::map<uint64_t, std::shared_ptr<File>> files_;
};

}  // namespace cistern

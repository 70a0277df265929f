#include "pipeline/journal/segment_log.h"

#include <algorithm>

namespace cistern {
namespace {

constexpr size_t kSparesKept = 2;
constexpr uint64_t kEndBytes = kRecordHeaderBytes;

// Twice is enough however much larger segments become with the bound: they take an eighth of it at most.
Error never_fits_error(uint64_t size) {
  return busy("a delivery that takes " + std::to_string(size) +
              " bytes never fits into the journal: set journal.max_bytes to " + std::to_string(2 * size) +
              " or more");
}

}  // namespace

SegmentLog::SegmentLog(Disk& disk, const Clock& clock, std::unique_ptr<JournalFolder> folder,
                       const JournalOptions& options, Metrics& metrics)
    : options_(options),
      clock_(clock),
      metrics_(metrics),
      folder_(std::move(folder)),
      free_space_(disk, clock, options.path, options.min_free_bytes) {}

Result<> SegmentLog::begin(uint64_t segment, uint64_t next_sequence) {
  for (const auto& [number, size] : folder_->segments()) {
    CISTERN_TRY(auto file, folder_->open_segment(number));
    files_.emplace(number, std::move(file));
  }
  CISTERN_TRY(folder_->trim_spares(options_.segment_bytes, kSparesKept));
  CISTERN_TRY(prepare(0, For::control));
  CISTERN_TRY(begin_segment(segment, next_sequence, next_size_));
  // The reserve. Without it deliveries are busy until there is space for one.
  if (folder_->spares(options_.segment_bytes) == 0) {
    auto made = folder_->make_spare(options_.segment_bytes);
    if (!made && made.error().kind != ErrorKind::busy) return made;
  }
  update_bounds();
  return ok();
}

bool SegmentLog::fits(const Commit& commit, uint64_t bytes) const {
  return commit.end() + bytes + kEndBytes <= size_;
}

Result<> SegmentLog::write(const Commit& commit) {
  CISTERN_TRY(file_->write_at(commit.start(), commit.pieces()));
  const int64_t before = clock_.steady_ns();
  CISTERN_TRY(file_->sync());
  metrics_.sync_seconds.Observe(static_cast<double>(clock_.steady_ns() - before) / 1e9);
  metrics_.journal_written_bytes.Increment(static_cast<double>(commit.end() - commit.start()));
  end_ = commit.end();
  update_bounds();
  return ok();
}

Error SegmentLog::low_on_disk_error() const {
  return busy("the journal's file system has less than " + std::to_string(options_.min_free_bytes) +
              " bytes free (journal.min_free_bytes): it takes deliveries again when there is a quarter more");
}

Error SegmentLog::at_bound_error() const {
  return busy("the journal is at its bound of " + std::to_string(options_.max_bytes) +
              " bytes (journal.max_bytes): it takes deliveries again when objects have been stored");
}

Result<> SegmentLog::room() const {
  if (at_bound_ || refused_) return at_bound_error();
  if (free_space_.low(needed_next_)) return low_on_disk_error();
  return ok();
}

Result<std::string> SegmentLog::set_aside(const FrameRef& ref) {
  return folder_->set_aside(ref.segment, {ref.offset, ref.offset + ref.length});
}

Result<> SegmentLog::prepare(uint64_t bytes, For purpose) {
  const uint64_t needed = kSegmentHeaderBytes + bytes + kEndBytes;
  next_size_ = std::max(needed, options_.segment_bytes);
  if (purpose == For::deliveries) return prepare_for_delivery(next_size_);
  if (folder_->spares(next_size_) > 0) return ok();
  return folder_->make_spare(next_size_);
}

Result<> SegmentLog::prepare_for_delivery(uint64_t size) {
  const uint64_t reserve = options_.segment_bytes;
  // Beside it there is never less than the segment being written and the reserve.
  if (2 * reserve + size > options_.max_bytes) return never_fits_error(size);
  if (folder_->segment_bytes() + size + reserve > options_.max_bytes) {
    // Only where a drop is to come, which clears it: the segment being written goes only after later
    // deliveries.
    refused_ = folder_->segments().size() > 1;
    return at_bound_error();
  }
  const bool standard = size == reserve;
  const uint64_t wanted = standard ? 2 : 1;
  const uint64_t there = std::min<uint64_t>(folder_->spares(size), wanted);
  const uint64_t reserve_missing = !standard && folder_->spares(reserve) == 0 ? 1 : 0;
  if (there < wanted || reserve_missing > 0) {
    if (free_space_.lacks((wanted - there) * size + reserve_missing * reserve)) return low_on_disk_error();
    free_space_.look_again();
  }
  for (uint64_t i = there; i < wanted; ++i) {
    CISTERN_TRY(folder_->make_spare(size));
  }
  if (reserve_missing > 0) {
    CISTERN_TRY(folder_->make_spare(reserve));
  }
  return ok();
}

// The end is durable before the next segment can be seen: a segment without end is the last one, or damaged.
Result<> SegmentLog::rotate(uint64_t next_sequence) {
  Commit commit = new_commit();
  commit.add(RecordType::end, {});
  CISTERN_TRY(write(commit));
  CISTERN_TRY(begin_segment(segment_ + 1, next_sequence, next_size_));
  update_bounds();
  return ok();
}

Result<> SegmentLog::begin_segment(uint64_t segment, uint64_t next_sequence, uint64_t size) {
  SegmentHeader header;
  header.journal_id = folder_->id();
  header.segment = segment;
  header.next_sequence = next_sequence;
  header.created_ms = clock_.wall_ms();
  CISTERN_TRY(auto file, folder_->begin_segment(header, size));
  file_ = std::move(file);
  checks_ = std::make_unique<PlaceChecks>(folder_->id(), segment);
  segment_ = segment;
  size_ = size;
  end_ = kSegmentHeaderBytes;
  const std::lock_guard lock(files_mutex_);
  files_[segment] = file_;
  return ok();
}

Result<> SegmentLog::drop(const std::vector<uint64_t>& segments) {
  for (const uint64_t segment : segments) {
    {
      const std::lock_guard lock(files_mutex_);
      files_.erase(segment);
    }
    CISTERN_TRY(folder_->retire_segment(segment));
  }
  CISTERN_TRY(folder_->trim_spares(options_.segment_bytes, kSparesKept));
  free_space_.look_again();
  refused_ = false;
  update_bounds();
  return ok();
}

std::shared_ptr<File> SegmentLog::file_of(uint64_t segment) const {
  const std::lock_guard lock(files_mutex_);
  const auto found = files_.find(segment);
  return found == files_.end() ? nullptr : found->second;
}

void SegmentLog::update_bounds() {
  const uint64_t standard = options_.segment_bytes;
  const bool little_room = size_ - end_ < standard / 16;
  at_bound_ = little_room && folder_->segment_bytes() + 2 * standard > options_.max_bytes;
  needed_next_ = little_room && folder_->spares(standard) < 2 ? standard : 0;
  bytes_ = folder_->bytes();
  metrics_.journal_bytes.Set(static_cast<double>(bytes_));
  metrics_.journal_segments.Set(static_cast<double>(folder_->files()));
}

}  // namespace cistern

#include "pipeline/journal/journal_reader.h"

#include <algorithm>

#include "pipeline/journal/frame_read.h"
#include "pipeline/journal/journal_replay.h"

namespace cistern {
namespace {

// Puts `value` into a range that is empty while `first` is 0.
template <class T>
void widen(T& first, T& last, T value) {
  first = first == 0 ? value : std::min(first, value);
  last = std::max(last, value);
}

void count(const ScannedRecord& record, SegmentSummary& summary) {
  widen(summary.first_offset, summary.last_offset, record.offset);
  switch (record.type) {
    case RecordType::delivery:
      ++summary.deliveries;
      summary.frames += record.frames.size();
      return widen(summary.first_arrived_ms, summary.last_arrived_ms, record.delivery.arrived_ms);
    case RecordType::seal:
      ++summary.seals;
      return widen(summary.first_sequence, summary.last_sequence, record.seal.sequence);
    case RecordType::stored:
      ++summary.stored;
      return;
    case RecordType::seen:
      ++summary.seen;
      return;
    case RecordType::end:
      return;
  }
}

bool inside(const ByteRange& part, const std::vector<ByteRange>& ranges) {
  return std::any_of(ranges.begin(), ranges.end(), [&part](const ByteRange& range) {
    return part.start >= range.start && part.end <= range.end;
  });
}

}  // namespace

Result<std::unique_ptr<JournalReader>> JournalReader::open(Disk& disk, const std::string& path) {
  std::unique_ptr<JournalReader> reader(new JournalReader);
  CISTERN_TRY(reader->folder_, JournalFolder::open_to_read(disk, path));
  CISTERN_TRY(reader->read_all(disk));
  return reader;
}

Result<> JournalReader::read_all(Disk& disk) {
  const JournalOptions options;
  SeenDeliveries seen(options.remember_entries, options.remember_seconds);
  JournalReplay replay(seen);
  uint64_t damaged_bytes = 0;
  uint64_t expected = 0;
  for (const auto& [segment, bytes] : folder_->segments()) {
    for (; expected != 0 && expected < segment && missing_.size() < 1000; ++expected)
      missing_.push_back(folder_->segment_path(expected));
    expected = segment + 1;
    CISTERN_TRY(read_segment(segment, bytes, replay));
    for (const ByteRange& range : segments_.back().found.damages) damaged_bytes += range.end - range.start;
  }
  unstored_ = replay.finish();
  unstored_.quarantined_bytes = damaged_bytes;
  remembered_ = seen.size();
  CISTERN_TRY(const bool there, disk.exists(folder_->quarantine_path()));
  if (!there) return ok();
  CISTERN_TRY(quarantine_, disk.list(folder_->quarantine_path()));
  return ok();
}

Result<> JournalReader::read_segment(uint64_t segment, uint64_t bytes, JournalReplay& replay) {
  SegmentSummary summary;
  summary.segment = segment;
  summary.path = folder_->segment_path(segment);
  summary.bytes = bytes;
  CISTERN_TRY(const auto file, folder_->open_to_scan(segment));
  const bool last = segment == folder_->segments().rbegin()->first;
  SegmentScan scan(*file, bytes, folder_->id(), segment, last);
  CISTERN_TRY(summary.found, scan.run([&](ScannedRecord record) {
    count(record, summary);
    replay.play(segment, std::move(record));
  }));
  const SegmentFindings& found = summary.found;
  std::erase_if(summary.found.bad_frames,
                [&found](const ByteRange& frame) { return !inside(frame, found.damages); });
  CISTERN_TRY(files_[segment], folder_->open_segment(segment));
  segments_.push_back(std::move(summary));
  return ok();
}

Result<> JournalReader::read(const FrameRef& ref, Buffer& into) const {
  const auto file = files_.find(ref.segment);
  return read_frame(file == files_.end() ? nullptr : file->second.get(), folder_->id(), ref, into);
}

}  // namespace cistern

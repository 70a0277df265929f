#include "pipeline/journal/segment_scan.h"

#include <algorithm>
#include <utility>

#include "pipeline/digest.h"
#include "pipeline/little_endian.h"

namespace cistern {
namespace {

constexpr uint64_t kWindowBytes = 1u << 20;

// Frames' places, from the lengths in the meta; nullopt when they do not fill the body.
std::optional<std::vector<ScannedFrame>> place_frames(DeliveryMeta& delivery, uint64_t body,
                                                      uint64_t body_end) {
  std::vector<ScannedFrame> frames;
  frames.reserve(delivery.frames.size());
  for (FrameMeta& frame : delivery.frames) {
    const uint64_t start = body + kFrameCheckBytes;
    if (start > body_end || frame.length > body_end - start) return std::nullopt;
    frames.push_back({std::move(frame.info), start, frame.length});
    body = start + frame.length;
  }
  delivery.frames.clear();
  if (body != body_end) return std::nullopt;
  return frames;
}

// False: the meta does not decode.
bool decode_meta(std::string_view meta, ScannedRecord& record) {
  const auto take = [](auto decoded, auto& into) {
    if (decoded) into = std::move(*decoded);
    return decoded.has_value();
  };
  switch (record.type) {
    case RecordType::delivery:
      return take(decode_delivery(meta), record.delivery);
    case RecordType::seal:
      return take(decode_seal(meta), record.seal);
    case RecordType::stored:
      return take(decode_stored(meta), record.stored);
    case RecordType::seen:
      return take(decode_seen(meta), record.seen);
    case RecordType::end:
      return meta.empty();
  }
  return false;
}

}  // namespace

SegmentScan::SegmentScan(const File& file, uint64_t size, std::string_view journal_id, uint64_t segment,
                         bool last)
    : file_(file),
      size_(size),
      segment_(segment),
      last_(last),
      journal_id_(journal_id),
      checks_(journal_id, segment) {}

Result<SegmentFindings> SegmentScan::run(const OnRecord& on_record) {
  CISTERN_TRY(read_header());
  uint64_t offset = kSegmentHeaderBytes;
  bool ended = false;
  while (!ended && offset + kRecordHeaderBytes <= size_) {
    CISTERN_TRY(auto parsed, parse(offset));
    if (!parsed) {
      CISTERN_TRY(const uint64_t next, find_record(offset + kRecordAlignment));
      suspects_.push_back({offset, next});
      offset = next;
      continue;
    }
    if (parsed->whole)
      believe(parsed->record->commit, on_record);
    else
      suspects_.push_back(broken_.emplace(ByteRange{offset, parsed->end}));
    ended = parsed->whole && parsed->record->type == RecordType::end;
    if (parsed->record) emit(std::move(*parsed->record), on_record);
    // What ended in good order ends before its end record: a cut puts it back.
    if (!ended || !last_) offset = parsed->end;
  }
  conclude(offset, ended, on_record);
  return std::move(findings_);
}

// The view is good until the next call. `size` is less than what is left of the segment.
Result<std::string_view> SegmentScan::bytes_at(uint64_t offset, uint64_t size) {
  if (offset < window_start_ || offset + size > window_start_ + window_.size()) {
    window_.resize(std::min(std::max(size, kWindowBytes), size_ - offset));
    CISTERN_TRY(const size_t got, file_.read_at(offset, window_.data(), window_.size()));
    window_start_ = offset;
    window_.resize(got);
    if (got < size) return fatal("journal segment " + std::to_string(segment_) + " got shorter while read");
  }
  return window_.view().substr(offset - window_start_, size);
}

Result<void> SegmentScan::read_header() {
  if (size_ >= kSegmentHeaderBytes) {
    CISTERN_TRY(auto bytes, bytes_at(0, kSegmentHeaderBytes));
    findings_.header = decode_segment_header(bytes);
  }
  const auto& header = findings_.header;
  const bool newer = header && header->version > kJournalVersion;
  if (header && !newer && (header->segment != segment_ || header->journal_id != journal_id_)) {
    findings_.header.reset();
  }
  if (!findings_.header) findings_.damages.push_back({0, std::min<uint64_t>(size_, kSegmentHeaderBytes)});
  if (!newer) return ok();
  return invalid("this journal was written by a newer version of cistern (format " +
                 std::to_string(header->version) + ", this one reads up to " +
                 std::to_string(kJournalVersion) +
                 "): start that version, or let it drain the journal first");
}

Result<std::optional<SegmentScan::Parsed>> SegmentScan::parse(uint64_t offset) {
  CISTERN_TRY(auto header_bytes, bytes_at(offset, kRecordHeaderBytes));
  const auto header = checks_.decode_record_header(header_bytes, offset);
  const uint64_t left = size_ - offset;
  if (!header || header->commit > offset || header->meta_bytes > left || header->body_bytes > left ||
      record_bytes(header->meta_bytes, header->body_bytes) > left) {
    return std::optional<Parsed>();
  }
  Parsed parsed;
  parsed.end = offset + record_bytes(header->meta_bytes, header->body_bytes);
  CISTERN_TRY(auto meta, bytes_at(offset + kRecordHeaderBytes, header->meta_bytes));
  if (crc32c(meta) != header->meta_crc) return std::optional(std::move(parsed));
  ScannedRecord record;
  record.type = header->type;
  record.offset = offset;
  record.commit = header->commit;
  if (!decode_meta(meta, record)) return std::optional(std::move(parsed));
  parsed.record = std::move(record);
  parsed.whole = true;
  CISTERN_TRY(parse_body(offset, *header, parsed));
  return std::optional(std::move(parsed));
}

// Keeps the frames that are whole: of real damage, what can be saved is saved.
Result<void> SegmentScan::parse_body(uint64_t offset, const RecordHeader& header, Parsed& parsed) {
  if (header.type != RecordType::delivery) return ok();
  const uint64_t body = offset + kRecordHeaderBytes + header.meta_bytes;
  auto frames = place_frames(parsed.record->delivery, body, body + header.body_bytes);
  if (!frames) {
    parsed.whole = false;
    parsed.record.reset();
    return ok();
  }
  for (ScannedFrame& frame : *frames) {
    CISTERN_TRY(const bool whole, frame_is_whole(frame));
    if (whole) {
      parsed.record->frames.push_back(std::move(frame));
    } else {
      findings_.bad_frames.push_back({frame.offset, frame.offset + frame.length});
      parsed.whole = false;
      parsed.record->damaged = true;
    }
  }
  return ok();
}

Result<bool> SegmentScan::frame_is_whole(const ScannedFrame& frame) {
  CISTERN_TRY(auto check_bytes, bytes_at(frame.offset - kFrameCheckBytes, kFrameCheckBytes));
  const auto check = load_little<uint32_t>(check_bytes.data());
  uint32_t crc = 0;
  uint64_t offset = frame.offset;
  const uint64_t end = frame.offset + frame.length;
  while (offset < end) {
    const uint64_t window_end = window_start_ + window_.size();
    const bool inside = offset >= window_start_ && offset < window_end;
    const uint64_t now = std::min(end - offset, inside ? window_end - offset : kWindowBytes);
    CISTERN_TRY(auto piece, bytes_at(offset, now));
    crc = crc32c(piece, crc);
    offset += now;
  }
  return checks_.frame_check(crc, frame.offset) == check;
}

// The next place at or behind `from` where a record starts, or the segment's size.
Result<uint64_t> SegmentScan::find_record(uint64_t from) {
  uint64_t offset = from;
  while (offset + kRecordHeaderBytes <= size_) {
    CISTERN_TRY(auto bytes, bytes_at(offset, std::min(size_ - offset, kWindowBytes)));
    for (; bytes.size() >= kRecordHeaderBytes; bytes.remove_prefix(kRecordAlignment)) {
      if (checks_.decode_record_header(bytes, offset)) return offset;
      offset += kRecordAlignment;
    }
  }
  return size_;
}

// A whole record of the commit that began at `commit` was read. Whatever lies before that was synced before
// the commit was written: unreadable bytes there are damage.
void SegmentScan::believe(uint64_t commit, const OnRecord& on_record) {
  while (!suspects_.empty() && suspects_.front().start < commit) {
    findings_.damages.push_back(suspects_.front());
    suspects_.pop_front();
  }
  if (held_.empty()) return;
  std::deque<ScannedRecord> held = std::exchange(held_, {});
  for (ScannedRecord& record : held) emit(std::move(record), on_record);
}

void SegmentScan::emit(ScannedRecord record, const OnRecord& on_record) {
  if (!suspects_.empty() && record.offset >= suspects_.front().start) {
    held_.push_back(std::move(record));
    return;
  }
  if (record.type == RecordType::end) return;
  findings_.last_commit = record.commit;
  on_record(std::move(record));
}

void SegmentScan::conclude(uint64_t end, bool ended, const OnRecord& on_record) {
  findings_.cut = end;
  if (last_) {
    if (!suspects_.empty() && broken_ && broken_->start >= suspects_.front().start) findings_.torn = broken_;
    findings_.cut = suspects_.empty() ? end : suspects_.front().start;
    findings_.last_commit = std::clamp<uint64_t>(findings_.last_commit, kSegmentHeaderBytes, findings_.cut);
    return;
  }
  // A later segment is begun only when this one's end is synced.
  if (!ended && suspects_.empty()) suspects_.push_back({end, size_});
  believe(UINT64_MAX, on_record);
}

}  // namespace cistern

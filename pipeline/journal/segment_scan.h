// Reads one segment from its header on, record after record, with large reads and without copying frames.
// Decides what is damage and what is only the torn end of the last group commit (rules: journal_format.md,
// "Reading"). Changes nothing on disk.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/disk.h"
#include "pipeline/journal/journal_format.h"

namespace cistern {

struct ScannedFrame {
  FrameInfo info;
  uint64_t offset = 0;
  uint64_t length = 0;
};

// A record that is to be believed. By its type, one of the fields below is set.
struct ScannedRecord {
  RecordType type = RecordType::end;
  uint64_t offset = 0;
  uint64_t commit = 0;               // see RecordHeader
  DeliveryMeta delivery;             // its `frames` are moved to:
  std::vector<ScannedFrame> frames;  // of a damaged delivery only those that are whole
  bool damaged = false;              // a delivery some of whose frames are not whole
  Seal seal;
  uint64_t stored = 0;
  std::vector<SeenIdentity> seen;
};

struct ByteRange {
  uint64_t start = 0;
  uint64_t end = 0;
  bool operator==(const ByteRange&) const = default;
};

struct SegmentFindings {
  std::optional<SegmentHeader> header;  // nullopt: damaged, and among `damages`
  std::vector<ByteRange> damages;       // real damage, in order
  std::vector<ByteRange> bad_frames;    // frames that do not check, in damages or in what is torn
  std::optional<ByteRange> torn;        // last segment: a record that does not check, at or behind `cut`
  uint64_t cut = 0;                     // where the records to be believed end
  uint64_t last_commit = 0;             // last segment: where the last commit among them starts
};

class SegmentScan {
 public:
  using OnRecord = std::function<void(ScannedRecord)>;

  // `last`: no later segment exists, so that its end may be torn.
  SegmentScan(const File& file, uint64_t size, std::string_view journal_id, uint64_t segment, bool last);

  // Calls `on_record` in the order of the records. Errors: the disk's.
  Result<SegmentFindings> run(const OnRecord& on_record);

 private:
  struct Parsed {
    uint64_t end = 0;  // of the record
    bool whole = false;
    std::optional<ScannedRecord> record;  // what can be used of it
  };

  Result<std::string_view> bytes_at(uint64_t offset, uint64_t size);
  Result<void> read_header();
  // Nullopt: no record starts at `offset`.
  Result<std::optional<Parsed>> parse(uint64_t offset);
  Result<void> parse_body(uint64_t offset, const RecordHeader& header, Parsed& parsed);
  Result<bool> frame_is_whole(const ScannedFrame& frame);
  Result<uint64_t> find_record(uint64_t from);
  void believe(uint64_t commit, const OnRecord& on_record);
  void conclude(uint64_t end, bool ended, const OnRecord& on_record);
  void emit(ScannedRecord record, const OnRecord& on_record);

  const File& file_;
  const uint64_t size_;
  const uint64_t segment_;
  const bool last_;
  const std::string journal_id_;
  const PlaceChecks checks_;
  SegmentFindings findings_;
  std::deque<ByteRange> suspects_;   // unreadable, undecided whether damaged or torn
  std::deque<ScannedRecord> held_;   // records at or behind the first suspect
  std::optional<ByteRange> broken_;  // the last record whose header checks and the rest does not
  Buffer window_;
  uint64_t window_start_ = 0;
};

}  // namespace cistern

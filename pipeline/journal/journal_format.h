// The journal's bytes: journal_format.md in code. Pure functions; nothing here touches a file.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/buffer.h"
#include "pipeline/journal/journal.h"

namespace cistern {

constexpr uint32_t kJournalVersion = 1;
constexpr size_t kJournalIdBytes = 12;
constexpr size_t kSegmentHeaderBytes = 64;
constexpr size_t kRecordHeaderBytes = 40;
constexpr size_t kRecordAlignment = 8;
constexpr size_t kFrameCheckBytes = 4;  // stand before each frame's bytes
constexpr size_t kSeenIdentityBytes = 20;

enum class RecordType : uint8_t { delivery = 1, seal = 2, stored = 3, seen = 4, end = 5 };

struct SegmentHeader {
  uint32_t version = kJournalVersion;
  std::string journal_id;
  uint64_t segment = 0;
  uint64_t next_sequence = 1;  // seals with lower sequences may have been in segments that are gone
  int64_t created_ms = 0;
};
void encode_segment_header(const SegmentHeader& header, Buffer& out);
// Nullopt: damaged. A header of a newer version decodes: its version tells.
std::optional<SegmentHeader> decode_segment_header(std::string_view bytes);

struct RecordHeader {
  RecordType type = RecordType::end;
  uint32_t meta_crc = 0;
  uint64_t commit = 0;      // offset of the first record of the group commit that this one was written with
  uint64_t meta_bytes = 0;  // what follows the header
  uint64_t body_bytes = 0;  // what follows that: frames, each behind its check
};
// Header, meta, body and padding.
uint64_t record_bytes(uint64_t meta_bytes, uint64_t body_bytes);

// Checksums of one segment's life: the same bytes in another journal, segment or place do not pass.
class PlaceChecks {
 public:
  PlaceChecks(std::string_view journal_id, uint64_t segment);
  void encode_record_header(const RecordHeader& header, uint64_t offset, char* out) const;
  // `bytes` holds kRecordHeaderBytes. Nullopt: no record of this segment starts here.
  std::optional<RecordHeader> decode_record_header(std::string_view bytes, uint64_t offset) const;
  // What stands before a frame whose first byte lies at `offset` and whose bytes have this CRC-32C.
  uint32_t frame_check(uint32_t frame_crc, uint64_t offset) const;

 private:
  uint32_t at(uint64_t offset) const;
  uint32_t seed_;
};

struct FrameMeta {
  FrameInfo info;
  uint64_t length = 0;
};
struct DeliveryMeta {
  std::string request_id;
  Digest128 content{};
  std::vector<Digest128> records;
  int64_t arrived_ms = 0;
  std::vector<FrameMeta> frames;
};
void encode_delivery(const JournalEntry& entry, Buffer& meta);
std::optional<DeliveryMeta> decode_delivery(std::string_view meta);
uint64_t delivery_body_bytes(const std::vector<Frame>& frames);
// By this a delivery is known again.
Digest128 delivery_identity(std::string_view request_id, const Digest128& content);

void encode_seal(const Seal& seal, Buffer& meta);
std::optional<Seal> decode_seal(std::string_view meta);

void encode_stored(uint64_t sequence, Buffer& meta);
std::optional<uint64_t> decode_stored(std::string_view meta);

// A delivery's or a record's digest, and when it came.
struct SeenIdentity {
  Digest128 digest{};
  uint32_t seconds = 0;  // Unix time
  bool operator==(const SeenIdentity&) const = default;
};
void encode_seen(const std::vector<SeenIdentity>& identities, Buffer& meta);
std::optional<std::vector<SeenIdentity>> decode_seen(std::string_view meta);

}  // namespace cistern

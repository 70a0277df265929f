// Encoding and decoding of segment headers and records; the layout is described in journal_format.md.
#include "pipeline/journal/journal_format.h"

#include "pipeline/digest.h"
#include "pipeline/little_endian.h"

namespace cistern {
namespace {

constexpr std::string_view kMagic = "CISTERNJ";
constexpr uint32_t kMarker = 0x315243c5;  // c5 "CR1": no text begins like this
constexpr uint64_t kIdentitySeed = 0x6465'6c69'7665'7279;
constexpr uint64_t kFrameMetaBytes = 44;  // of a frame with an empty partition name
constexpr uint64_t kFrameRefBytes = 24;

}  // namespace

void encode_segment_header(const SegmentHeader& header, Buffer& out) {
  const size_t start = out.size();
  ByteWriter write(out);
  write.bytes(kMagic);
  write.u32(header.version);
  write.u32(0);
  write.u64(header.segment);
  write.u64(header.next_sequence);
  write.i64(header.created_ms);
  write.bytes(header.journal_id);
  write.u64(0);
  write.u32(crc32c(out.view().substr(start)));
}

std::optional<SegmentHeader> decode_segment_header(std::string_view bytes) {
  ByteReader read(bytes);
  const bool ours = read.bytes(kMagic.size()) == kMagic;
  SegmentHeader header;
  header.version = read.u32();
  read.u32();
  header.segment = read.u64();
  header.next_sequence = read.u64();
  header.created_ms = read.i64();
  header.journal_id = read.bytes(kJournalIdBytes);
  read.u64();
  const uint32_t crc = read.u32();
  if (!ours || !read.whole() || crc != crc32c(bytes.substr(0, kSegmentHeaderBytes - 4))) return std::nullopt;
  return header;
}

uint64_t record_bytes(uint64_t meta_bytes, uint64_t body_bytes) {
  const uint64_t bytes = kRecordHeaderBytes + meta_bytes + body_bytes;
  return (bytes + kRecordAlignment - 1) / kRecordAlignment * kRecordAlignment;
}

PlaceChecks::PlaceChecks(std::string_view journal_id, uint64_t segment) {
  char number[8];
  store_little(number, segment);
  seed_ = crc32c({number, sizeof number}, crc32c(journal_id));
}

uint32_t PlaceChecks::at(uint64_t offset) const {
  char number[8];
  store_little(number, offset);
  return crc32c({number, sizeof number}, seed_);
}

void PlaceChecks::encode_record_header(const RecordHeader& header, uint64_t offset, char* out) const {
  store_little(out, kMarker);
  store_little(out + 8, static_cast<uint32_t>(header.type));
  store_little(out + 12, header.meta_crc);
  store_little(out + 16, header.commit);
  store_little(out + 24, header.meta_bytes);
  store_little(out + 32, header.body_bytes);
  store_little(out + 4, crc32c({out + 8, kRecordHeaderBytes - 8}, at(offset)));
}

std::optional<RecordHeader> PlaceChecks::decode_record_header(std::string_view bytes, uint64_t offset) const {
  const char* from = bytes.data();
  if (load_little<uint32_t>(from) != kMarker) return std::nullopt;
  const uint32_t crc = crc32c(bytes.substr(8, kRecordHeaderBytes - 8), at(offset));
  const auto type = load_little<uint32_t>(from + 8);
  if (load_little<uint32_t>(from + 4) != crc || type < 1 || type > 5) return std::nullopt;
  RecordHeader header;
  header.type = static_cast<RecordType>(type);
  header.meta_crc = load_little<uint32_t>(from + 12);
  header.commit = load_little<uint64_t>(from + 16);
  header.meta_bytes = load_little<uint64_t>(from + 24);
  header.body_bytes = load_little<uint64_t>(from + 32);
  return header;
}

uint32_t PlaceChecks::frame_check(uint32_t frame_crc, uint64_t offset) const {
  char number[4];
  store_little(number, frame_crc);
  return crc32c({number, sizeof number}, at(offset));
}

void encode_delivery(const JournalEntry& entry, Buffer& meta) {
  ByteWriter write(meta);
  write.i64(entry.arrived_ms);
  write.bytes(entry.content);
  write.text(entry.request_id);
  write.u32(static_cast<uint32_t>(entry.records.size()));
  for (const Digest128& digest : entry.records) write.bytes(digest);
  write.u32(static_cast<uint32_t>(entry.frames.size()));
  for (const Frame& frame : entry.frames) {
    write.u64(frame.bytes->size());
    write.u64(frame.info.events);
    write.u64(frame.info.raw_bytes);
    write.i64(frame.info.first_ms);
    write.i64(frame.info.last_ms);
    write.text(frame.info.partition);
  }
}

std::optional<DeliveryMeta> decode_delivery(std::string_view meta) {
  ByteReader read(meta);
  DeliveryMeta delivery;
  delivery.arrived_ms = read.i64();
  delivery.content = read.array<16>();
  delivery.request_id = read.text();
  delivery.records.resize(read.count(sizeof(Digest128)));
  for (Digest128& digest : delivery.records) digest = read.array<16>();
  delivery.frames.resize(read.count(kFrameMetaBytes));
  for (FrameMeta& frame : delivery.frames) {
    frame.length = read.u64();
    frame.info.events = read.u64();
    frame.info.raw_bytes = read.u64();
    frame.info.first_ms = read.i64();
    frame.info.last_ms = read.i64();
    frame.info.partition = read.text();
  }
  if (!read.whole()) return std::nullopt;
  return delivery;
}

uint64_t delivery_body_bytes(const std::vector<Frame>& frames) {
  uint64_t bytes = 0;
  for (const Frame& frame : frames) bytes += kFrameCheckBytes + frame.bytes->size();
  return bytes;
}

Digest128 delivery_identity(std::string_view request_id, const Digest128& content) {
  std::string text(request_id);
  text.append(reinterpret_cast<const char*>(content.data()), content.size());
  return digest128(text, kIdentitySeed);
}

void encode_seal(const Seal& seal, Buffer& meta) {
  ByteWriter write(meta);
  write.u64(seal.sequence);
  write.u64(seal.replaces);
  write.u64(seal.size);
  write.u64(seal.events);
  write.i64(seal.first_ms);
  write.i64(seal.last_ms);
  write.bytes(seal.digest);
  write.text(seal.key);
  write.u32(static_cast<uint32_t>(seal.frames.size()));
  for (const FrameRef& frame : seal.frames) {
    write.u64(frame.segment);
    write.u64(frame.offset);
    write.u64(frame.length);
  }
}

std::optional<Seal> decode_seal(std::string_view meta) {
  ByteReader read(meta);
  Seal seal;
  seal.sequence = read.u64();
  seal.replaces = read.u64();
  seal.size = read.u64();
  seal.events = read.u64();
  seal.first_ms = read.i64();
  seal.last_ms = read.i64();
  seal.digest = read.array<32>();
  seal.key = read.text();
  seal.frames.resize(read.count(kFrameRefBytes));
  for (FrameRef& frame : seal.frames) {
    frame.segment = read.u64();
    frame.offset = read.u64();
    frame.length = read.u64();
  }
  if (!read.whole()) return std::nullopt;
  return seal;
}

void encode_stored(uint64_t sequence, Buffer& meta) { ByteWriter(meta).u64(sequence); }

std::optional<uint64_t> decode_stored(std::string_view meta) {
  ByteReader read(meta);
  const uint64_t sequence = read.u64();
  if (!read.whole()) return std::nullopt;
  return sequence;
}

void encode_seen(const std::vector<SeenIdentity>& identities, Buffer& meta) {
  ByteWriter write(meta);
  write.u32(static_cast<uint32_t>(identities.size()));
  for (const SeenIdentity& identity : identities) {
    write.bytes(identity.digest);
    write.u32(identity.seconds);
  }
}

std::optional<std::vector<SeenIdentity>> decode_seen(std::string_view meta) {
  ByteReader read(meta);
  std::vector<SeenIdentity> identities(read.count(kSeenIdentityBytes));
  for (SeenIdentity& identity : identities) {
    identity.digest = read.array<16>();
    identity.seconds = read.u32();
  }
  if (!read.whole()) return std::nullopt;
  return identities;
}

}  // namespace cistern

#include "pipeline/journal/frame_owner.h"

#include "pipeline/digest.h"
#include "pipeline/journal/journal_format.h"

namespace cistern {
namespace {

std::optional<std::string> read(const File& segment, uint64_t offset, uint64_t size) {
  std::string bytes(size, '\0');
  const auto got = segment.read_at(offset, bytes.data(), bytes.size());
  if (!got || got.value() < size) return std::nullopt;
  return bytes;
}

std::optional<std::vector<Digest128>> identities_at(const File& segment, uint64_t offset,
                                                    const RecordHeader& header) {
  const auto meta = read(segment, offset, header.meta_bytes);
  if (!meta || header.type != RecordType::delivery || crc32c(*meta) != header.meta_crc) return std::nullopt;
  auto delivery = decode_delivery(*meta);
  if (!delivery) return std::nullopt;
  delivery->records.push_back(delivery_identity(delivery->request_id, delivery->content));
  return std::move(delivery->records);
}

}  // namespace

std::optional<std::vector<Digest128>> owner_of_frame(const File& segment, std::string_view journal_id,
                                                     const FrameRef& ref) {
  const PlaceChecks checks(journal_id, ref.segment);
  for (uint64_t offset = kSegmentHeaderBytes;;) {
    const auto bytes = read(segment, offset, kRecordHeaderBytes);
    const auto header = bytes ? checks.decode_record_header(*bytes, offset) : std::nullopt;
    if (!header) return std::nullopt;
    const uint64_t end = offset + record_bytes(header->meta_bytes, header->body_bytes);
    if (ref.offset < end) return identities_at(segment, offset + kRecordHeaderBytes, *header);
    offset = end;
  }
}

}  // namespace cistern

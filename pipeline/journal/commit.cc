#include "pipeline/journal/commit.h"

#include "pipeline/digest.h"
#include "pipeline/little_endian.h"

namespace cistern {

std::vector<uint64_t> Commit::add_delivery(std::string_view meta, std::span<const Frame> frames,
                                           std::span<const uint32_t> frame_crcs) {
  uint64_t body_bytes = 0;
  for (const Frame& frame : frames) body_bytes += kFrameCheckBytes + frame.bytes->size();
  add_header(RecordType::delivery, meta, body_bytes);
  std::vector<uint64_t> offsets;
  for (size_t i = 0; i < frames.size(); ++i) {
    offsets.push_back(end_ + kFrameCheckBytes);
    auto& check = frame_checks_.emplace_back();
    store_little(check.data(), checks_.frame_check(frame_crcs[i], offsets.back()));
    add_piece({check.data(), check.size()});
    add_piece(frames[i].bytes->view());
  }
  pad();
  return offsets;
}

void Commit::add(RecordType type, std::string_view meta) {
  add_header(type, meta, 0);
  pad();
}

void Commit::add_header(RecordType type, std::string_view meta, uint64_t body_bytes) {
  auto& header = headers_.emplace_back();
  checks_.encode_record_header({type, crc32c(meta), start_, meta.size(), body_bytes}, end_, header.data());
  add_piece({header.data(), header.size()});
  add_piece(meta);
}

void Commit::add_piece(std::string_view piece) {
  if (!piece.empty()) pieces_.push_back(piece);
  end_ += piece.size();
}

void Commit::pad() {
  static constexpr std::array<char, kRecordAlignment> kZeros{};
  add_piece({kZeros.data(), (kRecordAlignment - end_ % kRecordAlignment) % kRecordAlignment});
}

}  // namespace cistern

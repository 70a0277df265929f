#include "pipeline/archive/coalesce.h"

namespace cistern {
namespace {

constexpr uint64_t kSmall = kMergedMemberBytes / 2;
constexpr Level kMergeLevel{6};  // part of the pure function: not configurable, not by pressure

}  // namespace

std::vector<PieceRange> plan_pieces(std::span<const uint64_t> raw_bytes) {
  std::vector<PieceRange> pieces;
  uint64_t open_bytes = 0;  // of the last piece, while it may still grow
  for (size_t i = 0; i < raw_bytes.size(); ++i) {
    const bool small = raw_bytes[i] < kSmall;
    if (small && open_bytes > 0 && open_bytes + raw_bytes[i] <= kMergedMemberBytes) {
      ++pieces.back().count;
      open_bytes += raw_bytes[i];
    } else {
      pieces.push_back({i, 1});
      open_bytes = small ? raw_bytes[i] : 0;
    }
  }
  return pieces;
}

Result<Buffer> merge_frames(std::span<const std::string_view> frames, uint64_t raw_bytes) {
  Gunzip gunzip;
  Buffer lines;
  lines.reserve(raw_bytes + 1);
  for (const std::string_view frame : frames) {
    if (auto inflated = gunzip.run(frame, raw_bytes - lines.size(), lines); !inflated) {
      return fatal("a journaled frame does not decompress: " + inflated.error().what);
    }
  }
  if (lines.size() != raw_bytes)
    return fatal("a journaled frame decompresses to another size than was recorded");
  Buffer member;
  Gzip().run(lines.view(), kMergeLevel, member);
  member.shrink();
  return member;
}

}  // namespace cistern

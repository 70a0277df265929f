// Small frames make small gzip members, and small members compress badly (20 events a member: +24 %). When a
// partition is sealed, runs of small frames are therefore rewritten as members of about 256 KiB of lines.
// Pure functions of the frames and their order: after a crash the same frames give the same object.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "pipeline/codec.h"
#include "pipeline/frame.h"

namespace cistern {

constexpr uint64_t kMergedMemberBytes = 256 << 10;  // of lines, before compression

// Frames [first, first + count): one piece of an object. A piece of one frame is that frame as it lies.
struct PieceRange {
  size_t first = 0;
  size_t count = 0;
};

// Cuts the frames, in their order, into pieces; `raw_bytes[i]` is the size of frame i before compression.
std::vector<PieceRange> plan_pieces(std::span<const uint64_t> raw_bytes);

// The lines of several gzip frames as one member. Error: a frame does not decompress to its `raw_bytes`
// (damage).
Result<Buffer> merge_frames(std::span<const std::string_view> frames, uint64_t raw_bytes);

}  // namespace cistern

#include "pipeline/archive/frame_check.h"

#include "pipeline/codec.h"

namespace cistern {
namespace {

Result<> check(const FrameReader& journal, const JournaledFrame& frame, Gunzip& gunzip) {
  Buffer bytes;
  if (!frame.bytes) {
    CISTERN_TRY(journal.read(frame.ref, bytes));
  }
  Buffer lines;
  CISTERN_TRY(gunzip.run(frame.bytes ? frame.bytes->view() : bytes.view(), frame.info.raw_bytes, lines));
  if (lines.size() == frame.info.raw_bytes) return ok();
  return fatal("a journaled frame decompresses to another size than was recorded");
}

}  // namespace

std::vector<BadFrame> find_bad_frames(const FrameReader& journal, const std::vector<JournaledFrame>& frames) {
  Gunzip gunzip;
  std::vector<BadFrame> bad;
  for (size_t i = 0; i < frames.size(); ++i) {
    const auto good = check(journal, frames[i], gunzip);
    if (!good) bad.push_back({i, good.error().what});
  }
  return bad;
}

}  // namespace cistern

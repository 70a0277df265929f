#include "pipeline/archive/object_builder.h"

#include <algorithm>
#include <atomic>

#include "pipeline/archive/coalesce.h"
#include "pipeline/digest.h"

namespace cistern {
namespace {

// Coalesced pieces up to here are kept until the object is stored; the others are made again when sent.
constexpr uint64_t kKeptBytes = 8ull << 20;

class FramePieces : public ObjectBytes {
 public:
  FramePieces(const FrameReader& journal, std::vector<JournaledFrame> frames)
      : journal_(journal), frames_(std::move(frames)) {
    std::vector<uint64_t> raw_bytes;
    raw_bytes.reserve(frames_.size());
    for (const JournaledFrame& frame : frames_) raw_bytes.push_back(frame.info.raw_bytes);
    ranges_ = plan_pieces(raw_bytes);
    kept_.resize(ranges_.size());
  }

  size_t pieces() const override { return ranges_.size(); }

  Result<std::shared_ptr<const Buffer>> piece(size_t index) const override {
    if (kept_[index]) return kept_[index];
    const PieceRange range = ranges_[index];
    auto bytes = range.count == 1 ? frame_bytes(frames_[range.first]) : merged(range);
    if (!bytes) failed_ = true;
    return bytes;
  }

  bool failed() const override { return failed_; }

  // Before the object is shared: keeps a coalesced piece, while there is room.
  void keep(size_t index, std::shared_ptr<const Buffer> bytes) {
    if (ranges_[index].count == 1 || kept_bytes_ + bytes->size() > kKeptBytes) return;
    kept_bytes_ += bytes->size();
    kept_[index] = std::move(bytes);
  }

  const std::vector<JournaledFrame>& frames() const { return frames_; }

 private:
  Result<std::shared_ptr<const Buffer>> frame_bytes(const JournaledFrame& frame) const {
    if (frame.bytes) return frame.bytes;
    auto bytes = std::make_shared<Buffer>();
    CISTERN_TRY(journal_.read(frame.ref, *bytes));
    return std::shared_ptr<const Buffer>(std::move(bytes));
  }

  Result<std::shared_ptr<const Buffer>> merged(PieceRange range) const {
    std::vector<std::shared_ptr<const Buffer>> held;
    std::vector<std::string_view> views;
    uint64_t raw_bytes = 0;
    for (size_t i = range.first; i < range.first + range.count; ++i) {
      CISTERN_TRY(auto bytes, frame_bytes(frames_[i]));
      views.push_back(bytes->view());
      held.push_back(std::move(bytes));
      raw_bytes += frames_[i].info.raw_bytes;
    }
    CISTERN_TRY(auto member, merge_frames(views, raw_bytes));
    return std::shared_ptr<const Buffer>(std::make_shared<Buffer>(std::move(member)));
  }

  const FrameReader& journal_;
  const std::vector<JournaledFrame> frames_;
  std::vector<PieceRange> ranges_;
  std::vector<std::shared_ptr<const Buffer>> kept_;
  uint64_t kept_bytes_ = 0;
  mutable std::atomic<bool> failed_{false};
};

}  // namespace

Result<Object> build_object(const FrameReader& journal, std::vector<JournaledFrame> frames,
                            ChecksumsWanted wanted) {
  auto pieces = std::make_shared<FramePieces>(journal, std::move(frames));
  Object object;
  DigestStream digest(wanted.sha256 ? DigestKind::sha256 : DigestKind::xxh3);
  ChecksumStream checksums(wanted);
  for (size_t i = 0; i < pieces->pieces(); ++i) {
    CISTERN_TRY(auto bytes, pieces->piece(i));
    digest.update(bytes->view());
    checksums.update(bytes->view());
    object.size += bytes->size();
    pieces->keep(i, std::move(bytes));
  }
  object.digest = digest.finish();
  object.checksums = checksums.finish();
  object.first_ms = pieces->frames().front().info.first_ms;
  object.last_ms = pieces->frames().front().info.last_ms;
  for (const JournaledFrame& frame : pieces->frames()) {
    object.events += frame.info.events;
    object.first_ms = std::min(object.first_ms, frame.info.first_ms);
    object.last_ms = std::max(object.last_ms, frame.info.last_ms);
  }
  object.bytes = std::move(pieces);
  return object;
}

}  // namespace cistern

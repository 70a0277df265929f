#include "pipeline/decode/frame_builder.h"

#include <algorithm>
#include <limits>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "pipeline/decode/json_text.h"
#include "pipeline/decode/line_size.h"

namespace cistern {
namespace {

constexpr size_t kMostMemberBytes = 2 * kFrameMemberBytes;  // a longer line goes over several members
constexpr size_t kMostWaitingBytes = size_t{32} << 20;
constexpr size_t kSpareBuffers = 8;
constexpr size_t kMostSpareCapacity = 4 * kFrameMemberBytes;

struct OpenFrame {
  FrameInfo info;
  Buffer lines;       // not yet compressed
  Buffer compressed;  // members

  void count(int64_t timestamp_ms) {
    info.first_ms = info.events == 0 ? timestamp_ms : std::min(info.first_ms, timestamp_ms);
    info.last_ms = info.events == 0 ? timestamp_ms : std::max(info.last_ms, timestamp_ms);
    ++info.events;
  }
};

// How often the events of a record go on in another partition, or more.
uint64_t slot_changes(const KeyTemplate& key, std::span<const Envelope> record) {
  uint64_t changes = 0;
  for (const Envelope& envelope : record) {
    std::optional<int64_t> last;
    for (const LogEvent& event : envelope.events) {
      const int64_t slot = key.time_slot(event.timestamp_ms);
      changes += slot != last ? 1 : 0;
      last = slot;
    }
  }
  return changes;
}

// Members of a dead letter, in their order.
void append_dead_letter(const Delivery& delivery, DeadLetterReason reason, std::string_view why,
                        uint64_t record, std::string_view base64, Buffer& out) {
  const auto text = [&out](std::string_view name, std::string_view value) {
    out.append(name);
    append_quoted(value, out);
  };
  text("{\"reason\":", dead_letter_reason_name(reason));
  text(",\"why\":", why);
  text(",\"requestId\":", delivery.request_id);
  text(",\"sourceArn\":", delivery.source_arn);
  out.append(",\"requestTimestamp\":" + std::to_string(delivery.request_ms));
  out.append(",\"record\":" + std::to_string(record));
  text(",\"data\":", base64);
  out.append("}\n");
}

}  // namespace

struct FrameBuilder::Scratch {
  Scratch(std::shared_ptr<const FrameFormat> given, const Limits& bounds)
      : format(std::move(given)),
        limits(bounds),
        writer(format->line),
        line_size(format->line),
        by_envelope(format->key.depends_on_envelope()) {}

  bool lines_fit(std::span<const Envelope> record, uint64_t& bytes) const;
  bool partitions_fit(std::span<const Envelope> record) const;
  OpenFrame& frame_at(const LogEvent& event, const Envelope& envelope);
  OpenFrame& frame_of(std::string partition);
  void added(OpenFrame& frame, size_t size_before);
  void compress(OpenFrame& frame);
  void relieve();

  const std::shared_ptr<const FrameFormat> format;
  const Limits limits;
  LineWriter writer;
  LineSize line_size;
  const bool by_envelope;  // keys depend on it
  Gzip gzip;
  Buffer member;
  std::vector<Buffer> spare;

  const Delivery* delivery = nullptr;
  Level level;
  std::unordered_map<std::string, OpenFrame> frames;  // by partition; its elements never move
  bool any_dead_letter = false;                       // one of `frames` is theirs
  uint64_t admitted_bytes = 0;                        // of lines, by line_size
  size_t waiting_bytes = 0;                           // in all frames' `lines`

  // The frame of the last event: most often the next one's too.
  OpenFrame* last = nullptr;
  int64_t last_slot = 0;
};

// Adds the lines of the record to `bytes`.
bool FrameBuilder::Scratch::lines_fit(std::span<const Envelope> record, uint64_t& bytes) const {
  for (const Envelope& envelope : record) {
    bytes += line_size.of(envelope);
    if (bytes > limits.delivery_line_bytes) return false;
  }
  return true;
}

bool FrameBuilder::Scratch::partitions_fit(std::span<const Envelope> record) const {
  const uint64_t most = limits.partitions_per_delivery + (any_dead_letter ? 1 : 0);
  // Keys are not rendered while there is room for a partition each time the slot changes.
  if (frames.size() + slot_changes(format->key, record) <= most) return true;
  std::unordered_set<std::string> opened;
  for (const Envelope& envelope : record) {
    std::optional<int64_t> rendered;
    for (const LogEvent& event : envelope.events) {
      const int64_t slot = format->key.time_slot(event.timestamp_ms);
      if (slot == rendered) continue;
      rendered = slot;
      std::string partition = format->key.render(event.timestamp_ms, envelope, *delivery);
      if (!frames.contains(partition)) opened.insert(std::move(partition));
      if (frames.size() + opened.size() > most) return false;
    }
  }
  return true;
}

OpenFrame& FrameBuilder::Scratch::frame_at(const LogEvent& event, const Envelope& envelope) {
  const int64_t slot = format->key.time_slot(event.timestamp_ms);
  if (last == nullptr || slot != last_slot) {
    last = &frame_of(format->key.render(event.timestamp_ms, envelope, *delivery));
    last_slot = slot;
  }
  return *last;
}

OpenFrame& FrameBuilder::Scratch::frame_of(std::string partition) {
  const auto [found, is_new] = frames.try_emplace(partition);
  if (is_new) {
    found->second.info.partition = std::move(partition);
    if (!spare.empty()) {
      found->second.lines = std::move(spare.back());
      spare.pop_back();
    }
  }
  return found->second;
}

// A line was appended to a frame's lines, which had `size_before` bytes.
void FrameBuilder::Scratch::added(OpenFrame& frame, size_t size_before) {
  const size_t size = frame.lines.size() - size_before;
  frame.info.raw_bytes += size;
  waiting_bytes += size;
  if (frame.lines.size() >= kFrameMemberBytes) {
    compress(frame);
  } else if (waiting_bytes > kMostWaitingBytes) {
    relieve();
  }
}

void FrameBuilder::Scratch::compress(OpenFrame& frame) {
  if (frame.lines.empty()) return;
  for (std::string_view rest = frame.lines.view(); !rest.empty();) {
    const std::string_view piece = rest.substr(0, kMostMemberBytes);
    member.clear();
    gzip.run(piece, level, member);
    frame.compressed.append(member.view());  // by way of `member`: the codec reserves for the worst case
    rest.remove_prefix(piece.size());
  }
  waiting_bytes -= frame.lines.size();
  frame.lines.renew(kMostSpareCapacity);
  if (frames.size() > kSpareBuffers) frame.lines = Buffer();  // thousands of empty buffers are not small
}

// Many partitions at once: compresses what waits in those with the most. Frames below half the average hold
// less than half of it all, so that at least as much room is made as the walk over all frames is worth.
void FrameBuilder::Scratch::relieve() {
  const size_t half_average = waiting_bytes / frames.size() / 2;
  for (auto& [partition, frame] : frames) {
    if (frame.lines.size() >= half_average) compress(frame);
  }
}

FrameBuilder::FrameBuilder(std::shared_ptr<const FrameFormat> format, const Limits& limits)
    : scratch_(std::make_unique<Scratch>(std::move(format), limits)) {}
FrameBuilder::~FrameBuilder() = default;

void FrameBuilder::begin(const Delivery& delivery, Level level) {
  drop();
  scratch_->delivery = &delivery;
  scratch_->level = level;
  scratch_->line_size.begin(delivery);
  scratch_->any_dead_letter = false;
  scratch_->admitted_bytes = 0;
}

void FrameBuilder::drop() {
  scratch_->frames.clear();
  scratch_->waiting_bytes = 0;
  scratch_->last = nullptr;
}

size_t FrameBuilder::scratch_bytes() const {
  size_t bytes = scratch_->member.capacity();
  for (const Buffer& buffer : scratch_->spare) bytes += buffer.capacity();
  for (const auto& [partition, frame] : scratch_->frames) {
    bytes += frame.lines.capacity() + frame.compressed.capacity();
  }
  return bytes;
}

std::optional<DeadLetter> FrameBuilder::admit(std::span<const Envelope> record) {
  const Limits& limits = scratch_->limits;
  uint64_t bytes = scratch_->admitted_bytes;
  if (!scratch_->lines_fit(record, bytes)) {
    return DeadLetter{
        DeadLetterReason::lines_too_large,
        "the delivery's lines would be more than " + std::to_string(limits.delivery_line_bytes) + " bytes"};
  }
  if (!scratch_->partitions_fit(record)) {
    return DeadLetter{
        DeadLetterReason::too_many_partitions,
        "the delivery's partitions would be more than " + std::to_string(limits.partitions_per_delivery)};
  }
  scratch_->admitted_bytes = bytes;
  return std::nullopt;
}

void FrameBuilder::add(const Envelope& envelope) {
  Scratch& scratch = *scratch_;
  if (scratch.by_envelope) scratch.last = nullptr;
  scratch.writer.begin(envelope, *scratch.delivery);
  for (const LogEvent& event : envelope.events) {
    OpenFrame& frame = scratch.frame_at(event, envelope);
    const size_t before = frame.lines.size();
    scratch.writer.write(event, frame.lines);
    frame.count(event.timestamp_ms);
    scratch.added(frame, before);
  }
}

void FrameBuilder::add_dead_letter(DeadLetterReason reason, std::string_view why, uint64_t record,
                                   std::string_view base64) {
  Scratch& scratch = *scratch_;
  const Delivery& delivery = *scratch.delivery;
  scratch.any_dead_letter = true;
  const int64_t time_ms =
      KeyTemplate::in_range(delivery.request_ms) ? delivery.request_ms : delivery.arrived_ms;
  OpenFrame& frame = scratch.frame_of(scratch.format->dead_letter_key.render(time_ms, {}, delivery));
  const size_t before = frame.lines.size();
  append_dead_letter(delivery, reason, why, record, base64, frame.lines);
  frame.count(time_ms);
  scratch.added(frame, before);
}

std::vector<Frame> FrameBuilder::finish() {
  Scratch& scratch = *scratch_;
  std::vector<Frame> made;
  made.reserve(scratch.frames.size());
  for (auto& [partition, frame] : scratch.frames) {
    scratch.compress(frame);
    frame.compressed.shrink();
    made.push_back({std::move(frame.info), std::make_shared<const Buffer>(std::move(frame.compressed))});
    const bool keep = scratch.spare.size() < kSpareBuffers && frame.lines.capacity() <= kMostSpareCapacity;
    if (keep) scratch.spare.push_back(std::move(frame.lines));
    frame.lines = Buffer();
  }
  drop();
  std::sort(made.begin(), made.end(),
            [](const Frame& a, const Frame& b) { return a.info.partition < b.info.partition; });
  return made;
}

}  // namespace cistern

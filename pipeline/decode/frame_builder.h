// Events of one delivery -> one Frame a partition. Lines are compressed in members of about 512 KiB of lines
// as they fill, so that a delivery's lines are never held all together; with many partitions, in smaller
// ones, so that all lines that wait stay below 32 MiB. A line over 1 MiB goes over several members: members
// are to be read one after the other, not each by itself.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "pipeline/codec.h"
#include "pipeline/decode/dead_letter.h"
#include "pipeline/decode/line_format.h"
#include "pipeline/decode/partition_key.h"
#include "pipeline/delivery.h"
#include "pipeline/frame.h"
#include "pipeline/limits.h"
#include "pipeline/log_event.h"

namespace cistern {

// Of lines, before compression: costs 1.2 % of size; 256 KiB would cost 2.4 %.
inline constexpr size_t kFrameMemberBytes = size_t{512} << 10;

struct FrameFormat {
  KeyTemplate key;
  KeyTemplate dead_letter_key;
  LineFormat line;
};

// Holds scratch memory that is reused: one per worker thread, not shared.
class FrameBuilder {
 public:
  explicit FrameBuilder(std::shared_ptr<const FrameFormat> format, const Limits& limits = {});
  ~FrameBuilder();

  // `delivery` must live until finish(). What an earlier delivery left unfinished is dropped.
  void begin(const Delivery& delivery, Level level);
  // Whether the delivery's limits leave room for a record, asked before any of its envelopes is added.
  // Nothing means yes, and takes that room; otherwise the record is to go to the dead letters whole.
  std::optional<DeadLetter> admit(std::span<const Envelope> record);
  // Copies what it needs: the envelope's views may end after the call.
  void add(const Envelope& envelope);
  // One line of the dead letters:
  // {"reason","why","requestId","sourceArn","requestTimestamp","record","data"}, `data` being the datum in
  // base64 as it came. Their partition is dead_letter_key's, by the request's time, or the arrival's if that
  // is out of range.
  void add_dead_letter(DeadLetterReason reason, std::string_view why, uint64_t record,
                       std::string_view base64);
  // Dead letters are frames of a partition of their own, journaled and stored like any other. Frames are
  // sorted by partition; a frame's lines keep the order they were added in. The same calls give the same
  // bytes.
  std::vector<Frame> finish();
  // Drops what is unfinished.
  void drop();
  size_t scratch_bytes() const;  // held for reuse, but for the codec's own

 private:
  struct Scratch;
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace cistern

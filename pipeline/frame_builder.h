// Events of one delivery -> one Frame a partition. Lines are compressed in members of about 256 KiB of lines
// as they fill, so that a delivery's lines are never held all together.
#pragma once

#include <memory>
#include <vector>

#include "pipeline/codec.h"
#include "pipeline/dead_letter.h"
#include "pipeline/delivery.h"
#include "pipeline/frame.h"
#include "pipeline/line_format.h"
#include "pipeline/log_event.h"
#include "pipeline/partition_key.h"

namespace cistern {

struct FrameFormat {
  KeyTemplate key;
  KeyTemplate dead_letter_key;
  LineFormat line;
};

// Holds scratch memory that is reused: one per worker thread, not shared.
class FrameBuilder {
 public:
  explicit FrameBuilder(std::shared_ptr<const FrameFormat> format);
  ~FrameBuilder();

  void begin(const Delivery& delivery, Level level);
  void add(const Envelope& envelope);
  // One line of the dead letters: reason, why, request id, source ARN, record number and the datum in base64.
  void add_dead_letter(DeadLetterReason reason, std::string_view why, uint64_t record,
                       std::string_view base64);
  // Dead letters are frames of a partition of their own, journaled and stored like any other.
  std::vector<Frame> finish();

 private:
  struct Scratch;
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace cistern

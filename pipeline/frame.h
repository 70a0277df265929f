// A frame: one delivery's events for one partition, as NDJSON lines compressed into one or more
// self-contained gzip members. Frames of a partition may be concatenated in any order into one valid object.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "pipeline/buffer.h"

namespace cistern {

// What is known of a frame without decoding it.
struct FrameInfo {
  std::string partition;   // the rendered key template, prefix included: which partition it belongs to
  uint64_t events = 0;     // lines
  uint64_t raw_bytes = 0;  // before compression
  int64_t first_ms = 0;    // earliest and latest event time
  int64_t last_ms = 0;
};

struct Frame {
  FrameInfo info;
  std::shared_ptr<const Buffer> bytes;  // compressed; immutable from here on
};

}  // namespace cistern

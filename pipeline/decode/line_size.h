// What an envelope's lines come to, before any of them is written: a line repeats the constants of its
// envelope and its delivery, so that a small record may stand for very many bytes.
#pragma once

#include <cstdint>

#include "pipeline/decode/line_format.h"

namespace cistern {

// One per worker thread. `format` must outlive it.
class LineSize {
 public:
  explicit LineSize(const LineFormat& format);
  void begin(const Delivery& delivery);
  // Bytes that LineWriter writes for all events of the envelope, or a little more: a number counts as the
  // longest, a short id with its escape, an absent value with its placeholder. A few additions an event.
  uint64_t of(const Envelope& envelope) const;

 private:
  const LineFormat& format_;
  LineWriter writer_;
  uint64_t per_line_ = 0;  // names, punctuation, the delivery's values
};

}  // namespace cistern

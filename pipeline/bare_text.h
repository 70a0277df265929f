// Text that is no envelope -> log events, one a line, and what tells text from other bytes.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "pipeline/buffer.h"
#include "pipeline/log_event.h"

namespace cistern {

// Splits at '\n', which is dropped; nothing else is trimmed. The empty piece after the last '\n' is no event.
// Scratch is reused: one per worker thread.
class BareText {
 public:
  // A new record begins: events handed out before are no longer valid.
  void begin() { escaped_.clear(); }
  // Appends the lines of `text`, which is UTF-8 and part of `record`; more than one part of a record may be
  // appended, each once. False, with nothing appended: there are more than `max_events`.
  bool append_events(std::string_view text, std::string_view record, int64_t timestamp_ms,
                     uint64_t max_events, std::vector<LogEvent>& events);

 private:
  Buffer escaped_;  // reserved for the whole record at once: views into it must hold
};

// Whether bytes that are not an envelope are no text either: length-prefixed protobuf messages (OpenTelemetry
// metric streams), or not UTF-8 and with control characters that no text has.
bool is_binary(std::string_view bytes, bool is_utf8);

}  // namespace cistern

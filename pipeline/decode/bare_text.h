// Text that is no envelope -> log events, one a line, and what tells text from other bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "pipeline/buffer.h"
#include "pipeline/decode/dead_letter.h"
#include "pipeline/limits.h"
#include "pipeline/log_event.h"

namespace cistern {

// Splits at '\n', which is dropped; nothing else is trimmed. The empty piece after the last '\n' is no event.
// Scratch is reused: one per worker thread.
class BareText {
 public:
  explicit BareText(const Limits& limits) : limits_(limits) {}
  // A new record begins: events handed out before are no longer valid, and what an unusually large record
  // took is given back.
  void begin();
  // Appends the lines of `text`, which is UTF-8 and part of `record`; more than one part of a record may be
  // appended, each once. What `events` then holds is bounded by events_per_record, and a record's escaped
  // text, up to six times the text, by inflated_record_bytes; beyond them, nothing is appended.
  std::optional<DeadLetter> append_events(std::string_view text, std::string_view record,
                                          int64_t timestamp_ms, std::vector<LogEvent>& events);
  size_t scratch_bytes() const { return escaped_.capacity(); }

 private:
  std::optional<DeadLetter> refuse(uint64_t lines, uint64_t escaped) const;

  const Limits limits_;
  Buffer escaped_;  // reserved for the whole record at once: views into it must hold
};

// Whether bytes that are not an envelope are no text either: length-prefixed protobuf messages (OpenTelemetry
// metric streams), or not UTF-8 and with control characters that no text has.
bool is_binary(std::string_view bytes, bool is_utf8);

}  // namespace cistern

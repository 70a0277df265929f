// Log events as views into a record's decoded bytes. "Escaped" text is JSON string content as it came,
// without its quotes: it goes into the archive's lines unchanged, so that not even a lone surrogate is
// altered. Every escape in it has been checked, so that a line made of it is valid JSON.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace cistern {

struct LogEvent {
  std::string_view id;                // escaped; CloudWatch's are 56 decimal digits; empty for bare text
  int64_t timestamp_ms = 0;           // the event's own; the request's for bare text
  std::string_view message;           // escaped
  std::string_view extracted_fields;  // a valid JSON object as it came, or empty; may hold newlines
};

// One CloudWatch envelope, or the lines of bare text (then only `events` is filled).
// Views live as long as the record's decoded bytes: until the decoder's next record.
struct Envelope {
  std::string_view owner;                 // escaped
  std::string_view log_group;             // escaped
  std::string_view log_stream;            // escaped
  std::string_view subscription_filters;  // a valid JSON array as it came, or empty; may hold newlines
  std::string_view policy_level;          // escaped, or empty
  std::span<const LogEvent> events;       // never empty when handed out by RecordDecoder
};

}  // namespace cistern

// Why a record went to the dead letters: it could not be decoded, or would have cost too much.
#pragma once

#include <string>
#include <vector>

namespace cistern {

// Label values of cistern_dead_letters_total; names by dead_letter_reason_name().
enum class DeadLetterReason {
  bad_gzip,            // begins 1f 8b and is not whole gzip, or gzip in gzip in gzip
  inflates_too_large,  // beyond inflated_record_bytes (text: escaped), or what is left of delivery_log_bytes
  bad_json,            // begins like an envelope and is not JSON
  bad_envelope,        // an envelope without what an envelope must have
  invalid_utf8,        // text in another encoding
  binary,              // neither text nor gzip, e.g. an OpenTelemetry metric stream
  too_many_events,     // more than events_per_record
  lines_too_large,     // its lines go beyond what is left of delivery_line_bytes
  too_many_partitions  // its events would open more than partitions_per_delivery
};

// A record that is refused whole.
struct DeadLetter {
  DeadLetterReason reason;
  std::string why;  // for a person; printable
};

const char* dead_letter_reason_name(DeadLetterReason reason);
std::vector<std::string> dead_letter_reason_names();  // of all reasons

}  // namespace cistern

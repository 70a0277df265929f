// Why a record could not be decoded and went to the dead letters.
#pragma once

namespace cistern {

// Label values of cistern_dead_letters_total; names by dead_letter_reason_name().
enum class DeadLetterReason {
  bad_gzip,
  inflates_too_large,
  bad_json,
  bad_envelope,
  invalid_utf8,
  binary,
  too_many_events
};

const char* dead_letter_reason_name(DeadLetterReason reason);

}  // namespace cistern

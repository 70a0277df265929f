#include "pipeline/decode/dead_letter.h"

namespace cistern {

const char* dead_letter_reason_name(DeadLetterReason reason) {
  switch (reason) {
    case DeadLetterReason::bad_gzip:
      return "bad_gzip";
    case DeadLetterReason::inflates_too_large:
      return "inflates_too_large";
    case DeadLetterReason::bad_json:
      return "bad_json";
    case DeadLetterReason::bad_envelope:
      return "bad_envelope";
    case DeadLetterReason::invalid_utf8:
      return "invalid_utf8";
    case DeadLetterReason::binary:
      return "binary";
    case DeadLetterReason::too_many_events:
      return "too_many_events";
    case DeadLetterReason::lines_too_large:
      return "lines_too_large";
    case DeadLetterReason::too_many_partitions:
      return "too_many_partitions";
  }
  return "unknown";
}

std::vector<std::string> dead_letter_reason_names() {
  std::vector<std::string> names;
  for (int reason = 0; reason <= static_cast<int>(DeadLetterReason::too_many_partitions); ++reason) {
    names.emplace_back(dead_letter_reason_name(static_cast<DeadLetterReason>(reason)));
  }
  return names;
}

}  // namespace cistern

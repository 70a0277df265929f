// CloudWatch's event ids, shortened so that they can be restored.
//
// An id is a decimal number of 56 digits today. In every sample seen it is  timestamp << 144 | low,  with
// `low` below 2^128: the 16 bits under the timestamp are zero. Rule and inverse, which lose nothing:
//
//   id as it came                                                 short form
//   a decimal without leading zero, equal to
//     timestamp << 144 | low  with timestamp >= 0, low < 2^128    the 32 lower-case hex digits of `low`
//   32 lower-case hex digits, or anything beginning with '='      '=' and the id
//   anything else                                                 the id
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pipeline/buffer.h"

namespace cistern {

// Appends the short form of an escaped id. No allocation but the buffer's own.
void append_short_event_id(std::string_view id, int64_t timestamp_ms, Buffer& out);

// The inverse: the id as it came, from its short form and the event's timestamp.
std::string full_event_id(std::string_view short_id, int64_t timestamp_ms);

}  // namespace cistern

// The envelope as CloudWatch Logs writes it today, read in one pass: these members in this order, without
// white space. A short cut and nothing else: it takes only what EnvelopeParser's walk would take with the
// same outcome (which tests compare), and leaves every other text to it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "pipeline/log_event.h"

namespace cistern {

// Fills `envelope` (but for its `events`) and appends to `events`, of which there are at least one and at
// most `max_events`. False: the text is anything else, `events` is as it was. `json` may be read
// Buffer::kPadding bytes past its end.
bool read_usual_envelope(std::string_view json, uint64_t max_events, Envelope& envelope,
                         std::vector<LogEvent>& events);

}  // namespace cistern

// A reply as it goes over the wire.
#pragma once

#include <cstdint>
#include <string>

#include "handlers/exchange.h"

namespace cistern {

// Always with Content-Length and a Date, never with a Content-Encoding (protocol rule P4). `head_only`: the
// answer to HEAD. `close`: the connection ends after it.
std::string reply_text(const Reply& reply, bool head_only, bool close, int64_t now_ms);

}  // namespace cistern

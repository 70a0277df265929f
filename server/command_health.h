// `cistern health`: whether the Cistern that runs with this configuration is alive, for an image without a
// shell. Blocks for a few seconds at most; the main thread.
#pragma once

#include <iosfwd>

#include "server/config.h"

namespace cistern {

// Gets /livez from metrics.listen (on loopback, when that is every address). Says what it found on `out`;
// gives kExitOk for status 200, kExitFailed for all else, also when there is no metrics listener to ask.
int run_health(const Config& config, std::ostream& out);

}  // namespace cistern

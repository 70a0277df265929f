// The log as the configuration wants it.
#pragma once

#include "server/config.h"

namespace cistern {

void set_logging(const Config& config);

}  // namespace cistern

// Reads a small file whole: certificates, keys, configuration. Not for data, which goes through
// pipeline/disk.h.
#pragma once

#include <string>

#include "pipeline/result.h"

namespace cistern {

// At most 1 MiB. Errors `fatal` name the path and the system's reason.
Result<std::string> read_small_file(const std::string& path);

}  // namespace cistern

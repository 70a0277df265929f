// Reads a small file whole: certificates, keys, configuration. Not for data, which goes through
// pipeline/disk.h.
#pragma once

#include <string>
#include <vector>

#include "pipeline/digest.h"
#include "pipeline/result.h"

namespace cistern {

// At most 1 MiB. Errors `fatal` name the path and the system's reason.
Result<std::string> read_small_file(const std::string& path);

// Of all their bytes; of what cannot be read, its error's text: that is a change to be told of.
Sha256 digest_of_files(const std::vector<std::string>& paths);

}  // namespace cistern

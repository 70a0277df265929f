// A small file whole: tokens and profiles. They may be secret, and they may change.
#pragma once

#include <string>

#include "pipeline/disk.h"
#include "pipeline/secret.h"

namespace cistern {

// At most 1 MiB. Blocks. Error `fatal` names the path and the system's reason.
Result<Secret> read_small_file(Disk& disk, const std::string& path);

}  // namespace cistern

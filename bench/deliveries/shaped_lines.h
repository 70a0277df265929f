// Log messages of one kind, without end, for the shapes of a benchmark.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "pipeline/result.h"
#include "server/send/log_lines.h"

namespace cistern {

// mixed: as `cistern send` makes them; json, traces: only those of them; tiny: a few characters each; noise:
// 1 KiB of characters that hardly compress. The same seed gives the same lines. Error `invalid`: another
// kind.
Result<std::unique_ptr<LogLines>> shaped_lines(std::string_view kind, uint64_t seed);

}  // namespace cistern

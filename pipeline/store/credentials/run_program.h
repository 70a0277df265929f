// Runs a program and takes what it writes. The one place that starts a process.
#pragma once

#include <string>
#include <vector>

#include "pipeline/clock.h"
#include "pipeline/result.h"
#include "pipeline/secret.h"

namespace cistern {

// A command line's words: separated by spaces, '...' and "..." keep theirs, \ keeps the next character
// (within '...' it is itself). There is no shell. Error `invalid`: a quote is left open, or there is no word.
Result<std::vector<std::string>> split_command(std::string_view line);

// The program is looked for in PATH, gets this process's environment, nothing to read and none of its open
// files; what it writes to standard error is dropped, since it may be a secret. Blocks. Errors: `fatal` when
// it cannot be run or fails, `retry` when it takes longer than `limit_ms` (it is killed then) or writes more
// than 64 KiB.
Result<Secret> run_program(const std::vector<std::string>& words, int64_t limit_ms, const Clock& clock);

}  // namespace cistern

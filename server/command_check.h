// `cistern check`: prints what would run, secrets hidden, then tries what can be tried without harm. What
// stays behind is one empty object at most, of a store of type s3. Blocks; the main thread.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>

#include "pipeline/disk.h"
#include "pipeline/result.h"
#include "server/config/sources.h"

namespace cistern {

struct CheckDoors {
  Disk& disk;
  int64_t now_ms = 0;                                  // wall clock
  std::function<Result<std::string>()> store;          // ObjectStore::check of the configured store
  std::function<Result<std::string>()> credentials{};  // check_credentials, for a store that has some
};

// The configuration in effect, as YAML, after a comment that says where it is from.
void print_effective_config(const LoadedConfig& loaded, std::ostream& out);

// Writes a line a try: "ok", "note" (works, but look at it) or "FAILED". Gives kExitOk or kExitFailed.
int run_check(const LoadedConfig& loaded, const CheckDoors& doors, std::ostream& out);

}  // namespace cistern

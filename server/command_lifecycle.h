// `cistern lifecycle`: the bucket's lifecycle configuration for this archive, as S3's API takes it.
#pragma once

#include <cstdint>
#include <iosfwd>

#include "server/config.h"

namespace CLI {
class App;
}

namespace cistern {

struct LifecycleCommand {
  uint32_t glacier_after = 1;       // days, to Glacier Instant Retrieval; 0: never
  uint32_t deep_archive_after = 0;  // days; 0: never
  uint32_t expire_after = 0;        // days; 0: never
};

void add_lifecycle_options(CLI::App& lifecycle, LifecycleCommand& command);

// kExitFailed, and why on `errors`, where there is no bucket or S3 would refuse the order of days.
int run_lifecycle(const LifecycleCommand& command, const StoreConfig& store, std::ostream& out,
                  std::ostream& errors);

}  // namespace cistern

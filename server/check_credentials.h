// What `cistern check` tells of the store's credentials.
#pragma once

#include <string>

#include "pipeline/disk.h"
#include "pipeline/result.h"
#include "server/config.h"
#include "server/runtime.h"

namespace cistern {

// Fetches them and says which source answered, when they expire, and for whom: STS is asked for the account
// where the store is AWS's own or AWS_ENDPOINT_URL_STS names one. Runs the runtime until that is done. Error:
// there are none.
Result<std::string> check_credentials(const StoreConfig& config, Disk& disk, Runtime& runtime);

}  // namespace cistern

// The store that the configuration names; for `cistern serve` and for `cistern check`.
#pragma once

#include <memory>

#include "pipeline/disk.h"
#include "pipeline/store/credentials/credential_source.h"
#include "pipeline/store/credentials/sts.h"
#include "pipeline/store/object_store.h"
#include "pipeline/store/s3_request.h"
#include "server/config.h"
#include "server/runtime.h"

namespace cistern {

S3Options s3_options(const StoreConfig& config);
StsOptions sts_options(const StoreConfig& config);

// What signs the requests of a store of type s3; the same demands.
Result<std::shared_ptr<CredentialSource>> make_credentials(const StoreConfig& config, Disk& disk,
                                                           Runtime& runtime);

// Disk and runtime must outlive it. Error `invalid`: settings that cannot work; nothing is contacted.
Result<std::unique_ptr<ObjectStore>> make_store(const StoreConfig& config, Disk& disk, Runtime& runtime);

}  // namespace cistern

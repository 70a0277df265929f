// `cistern check --iam`: the least IAM policy with which the configured store works, as JSON for a role or
// user. From the configuration alone; nothing is contacted.
#pragma once

#include <iosfwd>
#include <string>

#include "pipeline/result.h"
#include "server/config.h"

namespace cistern {

// Put and look at objects below the prefix; tag, lock and share them as configured; the KMS key, through S3
// and with the configured context only. Error `invalid`: the store is no bucket, or its settings cannot work.
Result<std::string> least_iam_policy(const Config& config);

// Gives kExitOk or kExitConfiguration.
int print_iam_policy(const Config& config, std::ostream& out, std::ostream& error);

}  // namespace cistern

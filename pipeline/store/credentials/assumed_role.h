// A role, assumed with the credentials of another source: for a bucket of another account, and for profiles
// with role_arn.
#pragma once

#include <memory>

#include "pipeline/store/credentials/sts.h"

namespace cistern {

// Error `invalid`: the role cannot be one.
Result<std::unique_ptr<CredentialProvider>> assumed_role(RoleToAssume role,
                                                         std::unique_ptr<CredentialProvider> with, Sts sts);

}  // namespace cistern

// Which source the store's credentials come from. In this order, the first that is set up is the one, and
// those after it are not looked at:
//
//   1. configuration     store.access_key_id, store.secret_access_key, store.session_token
//   2. environment       AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
//   3. web identity      AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME
//   4. profile           AWS_PROFILE, AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE
//   5. container         AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI
//   6. instance metadata unless AWS_EC2_METADATA_DISABLED
//
// The SDKs agree on this but for 3 and 4, where they differ among themselves. A role of the configuration is
// assumed on top of whichever it is.
#pragma once

#include <memory>

#include "pipeline/store/credentials/aws_environment.h"
#include "pipeline/store/credentials/credential_source.h"
#include "pipeline/store/credentials/sts.h"

namespace cistern {

struct CredentialOptions {
  Credentials configured{};  // empty: none
  AwsEnvironment environment{};
  StsOptions sts{};            // which STS is asked, and how
  RoleToAssume assume_role{};  // without an ARN: none
};

// Reads profile files, but nothing is contacted. Error `invalid`: there is no source, or what one needs is
// missing or wrong.
Result<std::shared_ptr<CredentialSource>> choose_credentials(const CredentialOptions& options,
                                                             const CredentialDoors& doors);

}  // namespace cistern

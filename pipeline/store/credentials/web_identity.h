// Credentials for a token of an identity provider: EKS's IAM roles for service accounts, GitHub, any OIDC
// provider that the account trusts. STS AssumeRoleWithWebIdentity, which is not signed: the token is the
// proof.
#pragma once

#include <memory>

#include "pipeline/store/credentials/sts.h"

namespace cistern {

struct WebIdentityOptions {
  std::string token_file{};  // rotated by others: read at every fetch
  RoleToAssume role{};
};

// Error `invalid`: no token file, no role or a wrong one.
Result<std::unique_ptr<CredentialProvider>> web_identity(WebIdentityOptions options, Sts sts,
                                                         const CredentialDoors& doors);

}  // namespace cistern

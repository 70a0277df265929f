// Which source the store's credentials come from, in the order of the AWS SDKs: the first that is set up is
// the one, and the others are not looked at.
#pragma once

#include <memory>

#include "pipeline/store/credentials/aws_environment.h"
#include "pipeline/store/credentials/credential_provider.h"
#include "pipeline/store/credentials/credential_source.h"

namespace cistern {

struct CredentialOptions {
  Credentials configured{};  // empty: none
  AwsEnvironment environment{};
};

// Nothing is contacted. Error `invalid`: there is no source, or what one needs is missing or wrong.
Result<std::shared_ptr<CredentialSource>> choose_credentials(const CredentialOptions& options,
                                                             const CredentialDoors& doors);

}  // namespace cistern

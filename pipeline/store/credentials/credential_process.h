// Credentials that a program prints: a profile's credential_process. The document has Version 1, and
// SessionToken for Token.
#pragma once

#include <memory>

#include "pipeline/store/credentials/credential_provider.h"

namespace cistern {

// Error `invalid`: the command cannot be split into words.
Result<std::unique_ptr<CredentialProvider>> credential_process(const std::string& command,
                                                               const CredentialDoors& doors);

}  // namespace cistern

// Credentials that somebody wrote down: in the configuration, in the environment, in a profile.
#pragma once

#include <memory>

#include "pipeline/store/credentials/credential_provider.h"

namespace cistern {

// Error `invalid`: one half is missing, or a value holds characters that no credential has (a line end copied
// with it, for one). `where` is for a person: "configuration".
Result<std::unique_ptr<CredentialProvider>> static_credentials(Credentials credentials,
                                                               const std::string& where);

// The same check, for credentials that came in an answer.
bool is_sendable(const Credentials& credentials);

}  // namespace cistern

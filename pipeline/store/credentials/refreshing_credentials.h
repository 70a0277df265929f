// Holds what a provider fetched, and fetches anew before it expires.
//
// - Due for renewal well before the end: a quarter of the lifetime, at most 15 minutes, and up to half as
//   much again at random, so that a fleet that started together does not ask together. Lifetime: of what is
//   held, from when it was fetched.
// - One fetch for all callers. While what is held has not expired nobody waits for it.
// - A fetch that fails is tried again after 1 s, 2 s, 4 s ... 60 s, each less up to a half at random; until
//   then what is held serves to its end, and without it callers get the failure's error.
// - What a provider has just given is used even if it looks expired: this machine's clock may be wrong, and
//   the server will tell.
#pragma once

#include <memory>

#include "pipeline/store/credentials/credential_provider.h"
#include "pipeline/store/credentials/credential_source.h"

namespace cistern {

// Nothing is fetched before somebody asks. The doors outlive it; fetches run on doors.io.
std::shared_ptr<CredentialSource> refreshing_credentials(std::unique_ptr<CredentialProvider> provider,
                                                         const CredentialDoors& doors);

}  // namespace cistern

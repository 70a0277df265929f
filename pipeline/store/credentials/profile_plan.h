// How a profile says that credentials are got: where they begin, and which roles are then assumed one after
// the other. Pure.
//
// Rules of the SDKs: role_arn goes before keys of the same profile, except in a profile that is another's
// source_profile; keys before web_identity_token_file before credential_process. A profile may name itself as
// its source when it has keys; any other way back to a profile is a loop.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/store/credentials/profile_file.h"
#include "pipeline/store/credentials/web_identity.h"

namespace cistern {

struct ProfilePlan {
  enum class Begin { keys, web_identity, process, environment, container, instance };
  Begin begin = Begin::keys;
  Credentials keys{};
  std::string command{};  // credential_process
  WebIdentityOptions web_identity{};
  std::vector<RoleToAssume> roles{};  // in the order in which they are assumed
};

// Nothing: the profile is there but has no credentials. Error `invalid`: it is not there, contradicts itself,
// or signs in in a way that is not supported; the text names profile and setting.
Result<std::optional<ProfilePlan>> plan_profile(const Profiles& profiles, const std::string& name);

}  // namespace cistern

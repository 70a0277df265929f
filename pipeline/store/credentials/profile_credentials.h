// Credentials by the profile files that AWS's tools share (profile_file.h, profile_plan.h): AWS_PROFILE or
// "default", of AWS_CONFIG_FILE (~/.aws/config) and AWS_SHARED_CREDENTIALS_FILE (~/.aws/credentials).
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "pipeline/store/credentials/aws_environment.h"
#include "pipeline/store/credentials/profile_plan.h"

namespace cistern {

// Reads the files. A file that is not there, or that cannot be looked at, has no profiles, unless its
// variable names it. Nothing: the profile has no credentials, or is "default" and not there. Blocks. Error
// `invalid`.
Result<std::optional<ProfilePlan>> read_profile(const AwsEnvironment& environment, Disk& disk);

// Makes the provider that a plan's beginning asks for, roles not assumed yet.
using MakeBeginning = std::function<Result<std::unique_ptr<CredentialProvider>>(const ProfilePlan&)>;
using MakeSts = std::function<Result<Sts>()>;

// The files are read again at every fetch.
std::unique_ptr<CredentialProvider> profile_credentials(const AwsEnvironment& environment,
                                                        MakeBeginning begin, MakeSts sts,
                                                        const CredentialDoors& doors);

// The chain of a plan: its beginning, and each role on top of it.
Result<std::unique_ptr<CredentialProvider>> provider_of(const ProfilePlan& plan, const MakeBeginning& begin,
                                                        const MakeSts& sts);

}  // namespace cistern

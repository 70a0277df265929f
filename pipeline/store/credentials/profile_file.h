// Reader of the files that AWS's tools share: ~/.aws/config and ~/.aws/credentials. Pure.
//
//   [profile archive]              "default" and, in the credentials file, every name stands without
//   "profile" role_arn = arn:aws:iam::123456789012:role/archive    ; a comment source_profile = base s3 =
//     addressing_style = path      indented deeper than the line above: part of that, not looked at
//
// Sections of another kind ([sso-session x], [services x]) are passed over.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "pipeline/result.h"
#include "pipeline/secret.h"

namespace cistern {

// Values by name, in lower case. Any of them may be secret.
using Profile = std::map<std::string, Secret>;
using Profiles = std::map<std::string, Profile>;

enum class ProfileFileKind { config, credentials };

// Error `invalid` names the line by its number only: it may hold a secret.
Result<Profiles> parse_profiles(std::string_view text, ProfileFileKind kind);

// What `over` says goes before what `under` says, value by value.
Profiles merge_profiles(Profiles under, Profiles over);

// Empty when there is none.
std::string value_of(const Profile& profile, const char* name);

}  // namespace cistern

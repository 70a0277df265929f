#include "pipeline/store/credentials/profile_plan.h"

#include <algorithm>
#include <charconv>

namespace cistern {
namespace {

using Begin = ProfilePlan::Begin;

Error wrong(const std::string& profile, const std::string& what) {
  return invalid("the AWS profile " + profile + " " + what);
}

bool has(const Profile& profile, const char* name) { return !value_of(profile, name).empty(); }

bool has_keys(const Profile& profile) {
  return has(profile, "aws_access_key_id") || has(profile, "aws_secret_access_key");
}

Secret secret_of(const Profile& profile, const char* name) {
  const auto found = profile.find(name);
  return found == profile.end() ? Secret() : found->second;
}

class Planner {
 public:
  explicit Planner(const Profiles& profiles) : profiles_(profiles) {}

  Result<std::optional<ProfilePlan>> plan(const std::string& name) {
    const auto found = profiles_.find(name);
    if (found == profiles_.end())
      return wrong(name, "is in neither AWS_CONFIG_FILE nor AWS_SHARED_CREDENTIALS_FILE");
    const Profile& profile = found->second;
    const bool is_source = !passed_.empty();
    passed_.push_back(name);
    if (is_source && has_keys(profile)) return keys(profile);
    if (has(profile, "role_arn")) return role(name, profile);
    if (has_keys(profile)) return keys(profile);
    if (has(profile, "credential_process")) return process(profile);
    CISTERN_TRY(refuse_unsupported(name, profile));
    if (is_source) return wrong(name, "is a source_profile but has no credentials");
    return std::optional<ProfilePlan>();
  }

 private:
  using Plan = Result<std::optional<ProfilePlan>>;

  static Plan keys(const Profile& profile) {
    ProfilePlan plan;
    plan.keys = {value_of(profile, "aws_access_key_id"), secret_of(profile, "aws_secret_access_key"),
                 secret_of(profile, "aws_session_token")};
    return std::optional(std::move(plan));
  }

  static Plan process(const Profile& profile) {
    ProfilePlan plan;
    plan.begin = Begin::process;
    plan.command = value_of(profile, "credential_process");
    return std::optional(std::move(plan));
  }

  Plan role(const std::string& name, const Profile& profile) {
    if (has(profile, "mfa_serial"))
      return wrong(name, "asks for an MFA code (mfa_serial), which nobody is here to type: take another one");
    CISTERN_TRY(auto role, role_of(name, profile));
    const bool source = has(profile, "source_profile"), begin = has(profile, "credential_source");
    if (source && begin) return wrong(name, "has both source_profile and credential_source: take one away");
    if (source) return with_source(name, profile, std::move(role));
    if (begin) return with_begin(name, profile, std::move(role));
    if (has(profile, "web_identity_token_file")) {
      ProfilePlan plan;
      plan.begin = Begin::web_identity;
      plan.web_identity = {value_of(profile, "web_identity_token_file"), std::move(role)};
      return std::optional(std::move(plan));
    }
    return wrong(name,
                 "has a role_arn but none of source_profile, credential_source and "
                 "web_identity_token_file to assume it with");
  }

  Plan with_source(const std::string& name, const Profile& profile, RoleToAssume role) {
    const std::string source = value_of(profile, "source_profile");
    const bool seen = std::find(passed_.begin(), passed_.end(), source) != passed_.end();
    const bool itself = source == name && has_keys(profile);
    if (seen && !itself) return wrong(name, "leads back to " + source + " by source_profile: a loop");
    CISTERN_TRY(auto plan, this->plan(source));
    plan->roles.push_back(std::move(role));
    return plan;
  }

  static Plan with_begin(const std::string& name, const Profile& profile, RoleToAssume role) {
    const std::string source = value_of(profile, "credential_source");
    ProfilePlan plan;
    if (source == "Environment")
      plan.begin = Begin::environment;
    else if (source == "EcsContainer")
      plan.begin = Begin::container;
    else if (source == "Ec2InstanceMetadata")
      plan.begin = Begin::instance;
    else
      return wrong(name,
                   "has a credential_source that is none of Environment, EcsContainer and "
                   "Ec2InstanceMetadata");
    plan.roles.push_back(std::move(role));
    return std::optional(std::move(plan));
  }

  static Result<RoleToAssume> role_of(const std::string& name, const Profile& profile) {
    RoleToAssume role{value_of(profile, "role_arn"), value_of(profile, "external_id"),
                      value_of(profile, "role_session_name")};
    const std::string duration = value_of(profile, "duration_seconds");
    if (!duration.empty()) {
      const auto end = duration.data() + duration.size();
      const auto [stop, code] = std::from_chars(duration.data(), end, role.duration_s);
      if (code != std::errc() || stop != end) return wrong(name, "has a duration_seconds that is no number");
    }
    if (const auto checked = check_role(role); !checked)
      return wrong(name, "has a wrong role: " + checked.error().what);
    return role;
  }

  static Result<> refuse_unsupported(const std::string& name, const Profile& profile) {
    for (const auto& [key, value] : profile) {
      if (!key.starts_with("sso_") && key != "login_session") continue;
      const char* kind = key == "login_session" ? "aws login" : "IAM Identity Center (SSO)";
      return wrong(name, "signs in by " + std::string(kind) + " (" + key +
                             "), which a service cannot do: give it a role, keys, or credential_process");
    }
    return ok();
  }

  const Profiles& profiles_;
  std::vector<std::string> passed_;  // from the first profile to this one
};

}  // namespace

Result<std::optional<ProfilePlan>> plan_profile(const Profiles& profiles, const std::string& name) {
  return Planner(profiles).plan(name);
}

}  // namespace cistern

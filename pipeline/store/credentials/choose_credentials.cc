#include "pipeline/store/credentials/choose_credentials.h"

#include "pipeline/ascii.h"
#include "pipeline/store/credentials/assumed_role.h"
#include "pipeline/store/credentials/container_credentials.h"
#include "pipeline/store/credentials/credential_process.h"
#include "pipeline/store/credentials/instance_metadata.h"
#include "pipeline/store/credentials/profile_credentials.h"
#include "pipeline/store/credentials/refreshing_credentials.h"
#include "pipeline/store/credentials/static_credentials.h"

namespace cistern {
namespace {

using Provider = std::unique_ptr<CredentialProvider>;

bool given(const Credentials& keys) { return !keys.access_key_id.empty() || !keys.secret_access_key.empty(); }

// Makes each source of the chain; a copy of the options, since profiles do so at every fetch.
class Sources {
 public:
  Sources(const CredentialOptions& options, const CredentialDoors& doors)
      : environment_(options.environment), sts_(options.sts), doors_(doors) {}

  Result<Sts> sts() const { return Sts::make(sts_, doors_); }

  Credentials environment_keys() const {
    return {environment_.access_key_id, environment_.secret_access_key, environment_.session_token};
  }

  Result<Provider> web_identity_of(const WebIdentityOptions& options) const {
    CISTERN_TRY(auto sts, this->sts());
    return web_identity(options, std::move(sts), doors_);
  }

  Result<Provider> container() const {
    return container_credentials(
        {environment_.container_relative_uri, environment_.container_full_uri, environment_.container_token,
         environment_.container_token_file, environment_.ca_bundle},
        doors_);
  }

  Result<Provider> instance() const {
    return instance_metadata({environment_.metadata_endpoint, environment_.metadata_endpoint_mode}, doors_);
  }

  // Where a profile's plan begins.
  Result<Provider> begin(const ProfilePlan& plan) const {
    switch (plan.begin) {
      case ProfilePlan::Begin::keys:
        return static_credentials(plan.keys, "profile");
      case ProfilePlan::Begin::web_identity:
        return web_identity_of(plan.web_identity);
      case ProfilePlan::Begin::process:
        return credential_process(plan.command, doors_);
      case ProfilePlan::Begin::environment:
        return static_credentials(environment_keys(), "environment");
      case ProfilePlan::Begin::container:
        return container();
      case ProfilePlan::Begin::instance:
        return instance();
    }
    return invalid("unknown");
  }

  // Null: the profile has no credentials. What is wrong with it is found now, not at the first fetch.
  Result<Provider> profile() const {
    CISTERN_TRY(const auto plan, read_profile(environment_, doors_.disk));
    if (!plan) return Provider();
    const auto begin = [self = *this](const ProfilePlan& one) { return self.begin(one); };
    const auto make_sts = [self = *this] { return self.sts(); };
    CISTERN_TRY(provider_of(*plan, begin, make_sts));
    return profile_credentials(environment_, begin, make_sts, doors_);
  }

 private:
  const AwsEnvironment environment_;
  const StsOptions sts_;
  const CredentialDoors doors_;
};

Error nothing_set_up() {
  return invalid(
      "no S3 credentials: there are none in the configuration, the environment (AWS_ACCESS_KEY_ID, "
      "AWS_SECRET_ACCESS_KEY), a web identity (AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN), a profile "
      "(AWS_PROFILE) or a container (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, _FULL_URI), and "
      "AWS_EC2_METADATA_DISABLED keeps from asking the instance");
}

Result<Provider> first_set_up(const CredentialOptions& options, const CredentialDoors& doors) {
  const Sources sources(options, doors);
  const AwsEnvironment& environment = options.environment;
  if (given(options.configured)) return static_credentials(options.configured, "configuration");
  if (given(sources.environment_keys())) return static_credentials(sources.environment_keys(), "environment");
  if (!environment.web_identity_token_file.empty()) {
    return sources.web_identity_of(
        {environment.web_identity_token_file,
         {.arn = environment.role_arn, .session_name = environment.role_session_name}});
  }
  CISTERN_TRY(auto profile, sources.profile());
  if (profile) return profile;
  if (!environment.container_relative_uri.empty() || !environment.container_full_uri.empty())
    return sources.container();
  if (same_without_case(environment.metadata_disabled, "true")) return nothing_set_up();
  return sources.instance();
}

}  // namespace

Result<std::shared_ptr<CredentialSource>> choose_credentials(const CredentialOptions& options,
                                                             const CredentialDoors& doors) {
  CISTERN_TRY(auto provider, first_set_up(options, doors));
  if (!options.assume_role.arn.empty()) {
    CISTERN_TRY(auto sts, Sts::make(options.sts, doors));
    CISTERN_TRY(provider, assumed_role(options.assume_role, std::move(provider), std::move(sts)));
  }
  return refreshing_credentials(std::move(provider), doors);
}

}  // namespace cistern

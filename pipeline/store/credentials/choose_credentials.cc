#include "pipeline/store/credentials/choose_credentials.h"

#include "pipeline/store/credentials/refreshing_credentials.h"
#include "pipeline/store/credentials/static_credentials.h"

namespace cistern {
namespace {

using Provider = std::unique_ptr<CredentialProvider>;

bool given(const Credentials& keys) { return !keys.access_key_id.empty() || !keys.secret_access_key.empty(); }

Result<Provider> choose_provider(const CredentialOptions& options) {
  const AwsEnvironment& environment = options.environment;
  if (given(options.configured)) return static_credentials(options.configured, "configuration");
  const Credentials keys{environment.access_key_id, environment.secret_access_key, environment.session_token};
  if (given(keys)) return static_credentials(keys, "environment");
  return invalid(
      "no S3 credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for "
      "temporary ones) in the environment, or store.access_key_id and store.secret_access_key");
}

}  // namespace

Result<std::shared_ptr<CredentialSource>> choose_credentials(const CredentialOptions& options,
                                                             const CredentialDoors& doors) {
  CISTERN_TRY(auto provider, choose_provider(options));
  return refreshing_credentials(std::move(provider), doors);
}

}  // namespace cistern

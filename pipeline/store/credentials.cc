#include "pipeline/store/credentials.h"

#include <algorithm>

namespace cistern {
namespace {

class StaticCredentials : public CredentialSource {
 public:
  StaticCredentials(Credentials credentials, std::string name)
      : credentials_(std::move(credentials)), name_(std::move(name)) {}
  boost::asio::awaitable<Result<Credentials>> credentials() override { co_return credentials_; }
  const std::string& name() const override { return name_; }

 private:
  const Credentials credentials_;
  const std::string name_;
};

bool sendable(const std::string& value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

Result<std::shared_ptr<CredentialSource>> fixed(Credentials values, const std::string& where) {
  if (values.access_key_id.empty())
    return invalid("the " + where + " has a secret access key but no access key id");
  if (values.secret_access_key.empty()) {
    return invalid("the " + where + " has an access key id but no secret access key");
  }
  if (!sendable(values.access_key_id) || !sendable(values.secret_access_key) ||
      !sendable(values.session_token)) {
    return invalid("the S3 credentials of the " + where +
                   " hold a space, a line end or another character that no credential has: copy them again");
  }
  return std::shared_ptr<CredentialSource>(std::make_shared<StaticCredentials>(std::move(values), where));
}

}  // namespace

Result<std::shared_ptr<CredentialSource>> choose_credentials(const Credentials& configured,
                                                             const AwsEnvironment& environment) {
  if (!configured.access_key_id.empty() || !configured.secret_access_key.empty()) {
    return fixed(configured, "configuration");
  }
  if (!environment.access_key_id.empty() || !environment.secret_access_key.empty()) {
    return fixed({environment.access_key_id, environment.secret_access_key, environment.session_token},
                 "environment");
  }
  return invalid(
      "no S3 credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for "
      "temporary "
      "ones) in the environment, or store.access_key_id and store.secret_access_key");
}

}  // namespace cistern

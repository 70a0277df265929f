#include "pipeline/store/credentials/static_credentials.h"

#include "pipeline/ascii.h"

namespace cistern {
namespace {

class StaticCredentials : public CredentialProvider {
 public:
  StaticCredentials(Credentials credentials, std::string name)
      : credentials_(std::move(credentials)), name_(std::move(name)) {}
  boost::asio::awaitable<Result<Credentials>> fetch() override { co_return credentials_; }
  const std::string& name() const override { return name_; }

 private:
  const Credentials credentials_;
  const std::string name_;
};

}  // namespace

bool is_sendable(const Credentials& credentials) {
  return all_visible(credentials.access_key_id) && all_visible(credentials.secret_access_key.view()) &&
         all_visible(credentials.session_token.view());
}

Result<std::unique_ptr<CredentialProvider>> static_credentials(Credentials credentials,
                                                               const std::string& where) {
  if (credentials.access_key_id.empty())
    return invalid("the " + where + " has a secret access key but no access key id");
  if (credentials.secret_access_key.empty())
    return invalid("the " + where + " has an access key id but no secret access key");
  if (!is_sendable(credentials)) {
    return invalid("the S3 credentials of the " + where +
                   " hold a space, a line end or another character that no credential has: copy them again");
  }
  return std::make_unique<StaticCredentials>(std::move(credentials), where);
}

}  // namespace cistern

// See credential_source.h.
#include "pipeline/store/credentials/credential_source.h"

namespace cistern {
namespace {

class FixedCredentials : public CredentialSource {
 public:
  FixedCredentials(Credentials credentials, std::string name)
      : credentials_(std::move(credentials)), name_(std::move(name)) {}
  boost::asio::awaitable<Result<Credentials>> credentials() override { co_return credentials_; }
  void refused(const Credentials&) override {}
  const std::string& name() const override { return name_; }

 private:
  const Credentials credentials_;
  const std::string name_;
};

}  // namespace

std::shared_ptr<CredentialSource> fixed_credentials(Credentials credentials, std::string name) {
  return std::make_shared<FixedCredentials>(std::move(credentials), std::move(name));
}

}  // namespace cistern

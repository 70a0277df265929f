#include "pipeline/store/credentials/web_identity.h"

#include "pipeline/ascii.h"
#include "pipeline/call_on.h"
#include "pipeline/store/credentials/small_file.h"

namespace cistern {
namespace {

class WebIdentity : public CredentialProvider {
 public:
  WebIdentity(WebIdentityOptions options, Sts sts, const CredentialDoors& doors)
      : options_(std::move(options)),
        sts_(std::move(sts)),
        doors_(doors),
        name_("web identity token " + options_.token_file + " for " + options_.role.arn) {}

  boost::asio::awaitable<Result<Credentials>> fetch() override {
    const auto read = [this] { return read_small_file(doors_.disk, options_.token_file); };
    CISTERN_CO_TRY(const Secret file, co_await call_on(doors_.workers, read));
    const Secret token = without_line_end(file.view());
    if (token.empty()) co_return fatal(options_.token_file + " is empty: what writes the token has not");
    co_return co_await sts_.assume_role_with_web_identity(options_.role, token);
  }

  const std::string& name() const override { return name_; }

 private:
  const WebIdentityOptions options_;
  Sts sts_;
  const CredentialDoors doors_;
  const std::string name_;
};

}  // namespace

Result<std::unique_ptr<CredentialProvider>> web_identity(WebIdentityOptions options, Sts sts,
                                                         const CredentialDoors& doors) {
  if (options.token_file.empty() || options.role.arn.empty()) {
    return invalid(
        "web identity needs both a token file and a role: AWS_WEB_IDENTITY_TOKEN_FILE and "
        "AWS_ROLE_ARN (in a profile: web_identity_token_file and role_arn)");
  }
  CISTERN_TRY(check_role(options.role));
  return std::make_unique<WebIdentity>(std::move(options), std::move(sts), doors);
}

}  // namespace cistern

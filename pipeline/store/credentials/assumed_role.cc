#include "pipeline/store/credentials/assumed_role.h"

namespace cistern {
namespace {

class AssumedRole : public CredentialProvider {
 public:
  AssumedRole(RoleToAssume role, std::unique_ptr<CredentialProvider> with, Sts sts)
      : role_(std::move(role)),
        with_(std::move(with)),
        sts_(std::move(sts)),
        name_(role_.arn + ", assumed with those of the " + with_->name()) {}

  boost::asio::awaitable<Result<Credentials>> fetch() override {
    CISTERN_CO_TRY(const auto credentials, co_await with_->fetch());
    co_return co_await sts_.assume_role(role_, credentials);
  }

  const std::string& name() const override { return name_; }

 private:
  const RoleToAssume role_;
  const std::unique_ptr<CredentialProvider> with_;
  Sts sts_;
  const std::string name_;
};

}  // namespace

Result<std::unique_ptr<CredentialProvider>> assumed_role(RoleToAssume role,
                                                         std::unique_ptr<CredentialProvider> with, Sts sts) {
  CISTERN_TRY(check_role(role));
  return std::make_unique<AssumedRole>(std::move(role), std::move(with), std::move(sts));
}

}  // namespace cistern

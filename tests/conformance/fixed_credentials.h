// Credentials that stay the same for ever, without a provider behind them.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "pipeline/store/credentials/credential_source.h"

namespace cistern::store_rig {

class FixedCredentials : public CredentialSource {
 public:
  explicit FixedCredentials(Credentials credentials) : credentials_(std::move(credentials)) {}
  boost::asio::awaitable<Result<Credentials>> credentials() override { co_return credentials_; }
  void refused(const Credentials&) override {}
  const std::string& name() const override { return name_; }

 private:
  const Credentials credentials_;
  const std::string name_ = "test";
};

inline std::shared_ptr<CredentialSource> fixed_credentials(Credentials credentials) {
  return std::make_shared<FixedCredentials>(std::move(credentials));
}

}  // namespace cistern::store_rig

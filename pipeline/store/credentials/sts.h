// AWS's Security Token Service, as far as credentials come from it. Its query protocol of version 2011-06-15:
// a form is posted, the answer is XML. The region's own server is asked, since the global one stands in one
// region too.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pipeline/store/credentials/credential_provider.h"
#include "pipeline/store/credentials/credential_request.h"
#include "pipeline/store/credentials/role_to_assume.h"
#include "pipeline/store/http_message.h"
#include "pipeline/store/server_time.h"

namespace cistern {

struct CallerIdentity {
  std::string account;
  std::string arn;
};

struct StsOptions {
  std::string region = "us-east-1";
  bool fips = false;        // its FIPS 140 server
  bool dual_stack = false;  // its server of IPv4 and IPv6
  std::string endpoint{};   // "https://host[:port]", and then nothing of the above; empty: AWS's own
  std::string ca_file{};    // PEM; empty: the system's authorities
  std::string proxy{};      // as S3Options have it; empty: none
  std::string no_proxy{};
};

// One request under way at a time, as of a provider.
class Sts {
 public:
  // Error `invalid` names the setting or variable that cannot work.
  static Result<Sts> make(const StsOptions& options, const CredentialDoors& doors);
  Sts(Sts&& other) noexcept;

  boost::asio::awaitable<Result<Credentials>> assume_role(const RoleToAssume& role,
                                                          const Credentials& credentials);
  boost::asio::awaitable<Result<Credentials>> assume_role_with_web_identity(const RoleToAssume& role,
                                                                            const Secret& token);
  boost::asio::awaitable<Result<CallerIdentity>> caller_identity(const Credentials& credentials);

 private:
  using Form = std::vector<std::pair<std::string, std::string>>;
  Sts(HttpUrl url, std::string region, CredentialEndpoint endpoint, const CredentialDoors& doors);
  // The answer's body, once its status is 200. Without credentials it is not signed.
  boost::asio::awaitable<Result<std::string>> call(Form form, const Credentials* credentials, Secret token);
  HttpRequest request_of(const Secret& body, const Credentials* credentials) const;

  HttpUrl url_;
  std::string region_;
  CredentialEndpoint endpoint_;
  CredentialDoors doors_;
  ServerTime time_;
};

}  // namespace cistern

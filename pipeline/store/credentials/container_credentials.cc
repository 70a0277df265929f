#include "pipeline/store/credentials/container_credentials.h"

#include <array>

#include <boost/asio/ip/address.hpp>

#include "pipeline/call_on.h"
#include "pipeline/store/credentials/credential_document.h"
#include "pipeline/store/credentials/credential_request.h"
#include "pipeline/store/credentials/small_file.h"

namespace cistern {
namespace {

// GET /v2/credentials/<id> HTTP/1.1
// Authorization: <token, as it is>
class ContainerCredentials : public CredentialProvider {
 public:
  ContainerCredentials(ContainerOptions options, HttpUrl url, const CredentialDoors& doors)
      : options_(std::move(options)),
        url_(std::move(url)),
        doors_(doors),
        name_("container at " + url_.endpoint.authority()) {}

  boost::asio::awaitable<Result<Credentials>> fetch() override {
    CISTERN_CO_TRY(const Secret token, co_await read_token());
    HttpRequest request;
    request.method = "GET";
    request.target = url_.target;
    request.headers = {{"Accept", "application/json"}};
    if (!token.empty()) request.headers.emplace_back("Authorization", token.view());
    const CredentialEndpoint endpoint{url_.endpoint, options_.ca_file, 1'000, options_.answer_ms};
    CISTERN_CO_TRY(auto response, co_await request_credentials(doors_, endpoint, std::move(request)));
    if (response.status != 200) co_return refused(response, token);
    co_return read_credential_document(response.body, "Token");
  }

  const std::string& name() const override { return name_; }

 private:
  boost::asio::awaitable<Result<Secret>> read_token() {
    Secret token = options_.token;
    if (!options_.token_file.empty()) {
      const auto read = [this] { return read_small_file(doors_.disk, options_.token_file); };
      CISTERN_CO_TRY(token, co_await call_on(doors_.workers, read));
    }
    if (token.view().find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos) {
      co_return fatal(
          "the container's authorization token has a line end in it, which cannot be sent: look "
          "at AWS_CONTAINER_AUTHORIZATION_TOKEN and its _FILE");
    }
    co_return token;
  }

  static Error refused(const HttpResponse& response, const Secret& token) {
    std::string text = "it answered " + std::to_string(response.status);
    for (const char* member : {"code", "message"}) {
      const std::string said = text_member(response.body, member);
      if (!said.empty()) text += " " + quotable(said, {.access_key_id = {}, .secret_access_key = token});
    }
    const bool ours = response.status / 100 == 4 && response.status != 429;
    if (!ours) return retry(text);
    return fatal(text +
                 ": look at the task's role (taskRoleArn) or the pod's identity association, and at "
                 "the AWS_CONTAINER_ variables");
  }

  const ContainerOptions options_;
  const HttpUrl url_;
  const CredentialDoors doors_;
  const std::string name_;
};

bool may_be_asked_in_plain(const std::string& host) {
  static constexpr std::array<std::string_view, 4> kAllowed{"localhost", "169.254.170.2", "169.254.170.23",
                                                            "fd00:ec2::23"};
  for (const auto& allowed : kAllowed)
    if (host == allowed) return true;
  boost::system::error_code code;
  const auto address = boost::asio::ip::make_address(host, code);
  return !code && address.is_loopback();
}

Result<HttpUrl> url_of(const ContainerOptions& options) {
  if (!options.relative_uri.empty()) {
    if (options.relative_uri.front() != '/')
      return invalid("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must begin with '/'");
    return parse_http_url(options.relative_base + options.relative_uri);
  }
  auto url = parse_http_url(options.full_uri);
  if (!url) return invalid("AWS_CONTAINER_CREDENTIALS_FULL_URI: " + url.error().what);
  const HttpEndpoint& endpoint = url.value().endpoint;
  if (endpoint.tls || may_be_asked_in_plain(endpoint.host)) return url;
  return invalid("AWS_CONTAINER_CREDENTIALS_FULL_URI names " + endpoint.host +
                 ", which is not asked over plain http: use https, or a loopback address, 169.254.170.2, "
                 "169.254.170.23 or [fd00:ec2::23]");
}

}  // namespace

Result<std::unique_ptr<CredentialProvider>> container_credentials(ContainerOptions options,
                                                                  const CredentialDoors& doors) {
  CISTERN_TRY(auto url, url_of(options));
  return std::make_unique<ContainerCredentials>(std::move(options), std::move(url), doors);
}

}  // namespace cistern

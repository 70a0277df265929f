#include "pipeline/store/credentials/instance_metadata.h"

#include "pipeline/ascii.h"
#include "pipeline/store/credentials/credential_document.h"
#include "pipeline/store/credentials/credential_request.h"

namespace cistern {
namespace {

constexpr const char* kTokenPath = "/latest/api/token";
constexpr const char* kRolePath = "/latest/meta-data/iam/security-credentials/";

class InstanceMetadata : public CredentialProvider {
 public:
  InstanceMetadata(HttpUrl url, int64_t answer_ms, const CredentialDoors& doors)
      : url_(std::move(url)),
        answer_ms_(answer_ms),
        doors_(doors),
        name_("instance metadata at " + url_.endpoint.authority()) {}

  boost::asio::awaitable<Result<Credentials>> fetch() override {
    CISTERN_CO_TRY(const Secret token, co_await fetch_token());
    CISTERN_CO_TRY(auto roles, co_await get(kRolePath, token));
    const std::string role = roles.body.substr(0, roles.body.find_first_of("\r\n"));
    if (roles.status == 404 || (roles.status == 200 && role.empty())) {
      co_return fatal(
          "the instance has no role: attach an instance profile to it, or set up another source "
          "of credentials");
    }
    if (roles.status != 200) co_return refused("the list of roles", roles);
    CISTERN_CO_TRY(auto document, co_await get(kRolePath + role, token));
    if (document.status != 200) co_return refused("the role's credentials", document);
    co_return read(document.body);
  }

  const std::string& name() const override { return name_; }

 private:
  boost::asio::awaitable<Result<Secret>> fetch_token() {
    HttpRequest request;
    request.method = "PUT";
    request.headers = {{"x-aws-ec2-metadata-token-ttl-seconds", "21600"}};
    auto answer = co_await send(std::move(request), kTokenPath);
    if (!answer) {
      co_return retry(answer.error().what +
                      ": is this EC2? In a container on EC2 the token's answer needs a hop limit of 2 "
                      "(modify-instance-metadata-options); elsewhere set up another source of credentials");
    }
    HttpResponse response = std::move(answer).value();
    if (response.status != 200) co_return refused("a session token", response);
    Secret token = Secret::take(response.body);
    if (token.empty() || !all_visible(token.view()))
      co_return retry("what it gave as a session token is none");
    co_return token;
  }

  boost::asio::awaitable<Result<HttpResponse>> get(std::string path, const Secret& token) {
    HttpRequest request;
    request.method = "GET";
    request.headers = {{"x-aws-ec2-metadata-token", std::string(token.view())}};
    co_return co_await send(std::move(request), path);
  }

  boost::asio::awaitable<Result<HttpResponse>> send(HttpRequest request, const std::string& path) {
    const bool slash = url_.target.ends_with('/');
    request.target = url_.target.substr(0, url_.target.size() - slash) + path;
    const CredentialEndpoint endpoint{url_.endpoint, {}, answer_ms_, answer_ms_};
    co_return co_await request_credentials(doors_, endpoint, std::move(request));
  }

  static Result<Credentials> read(std::string& document) {
    const std::string code = text_member(document, "Code");
    if (!code.empty() && code != "Success")
      return fatal("it says " + quotable(code) + ": look at the role's trust in ec2.amazonaws.com");
    return read_credential_document(document, "Token");
  }

  static Error refused(const std::string& what, const HttpResponse& response) {
    const std::string text = "it answered " + std::to_string(response.status) + " when asked for " + what;
    const bool ours = response.status / 100 == 4 && response.status != 429 && response.status != 401;
    return ours ? fatal(text +
                        ": is the metadata service switched on for this instance (HttpEndpoint), and "
                        "nothing between it and this process?")
                : retry(text);
  }

  const HttpUrl url_;
  const int64_t answer_ms_;
  const CredentialDoors doors_;
  const std::string name_;
};

Result<std::string> address_of(const InstanceMetadataOptions& options) {
  if (!options.endpoint.empty()) return options.endpoint;
  const std::string mode = lower(options.endpoint_mode);
  if (mode.empty() || mode == "ipv4") return std::string("http://169.254.169.254");
  if (mode == "ipv6") return std::string("http://[fd00:ec2::254]");
  return invalid("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE must be IPv4 or IPv6");
}

}  // namespace

Result<std::unique_ptr<CredentialProvider>> instance_metadata(const InstanceMetadataOptions& options,
                                                              const CredentialDoors& doors) {
  CISTERN_TRY(const auto address, address_of(options));
  auto url = parse_http_url(address);
  if (!url) return invalid("AWS_EC2_METADATA_SERVICE_ENDPOINT: " + url.error().what);
  return std::make_unique<InstanceMetadata>(std::move(url).value(), options.answer_ms, doors);
}

}  // namespace cistern

#include "pipeline/store/credentials/sts.h"

#include "pipeline/digest.h"
#include "pipeline/store/aws_partition.h"
#include "pipeline/store/aws_time.h"
#include "pipeline/store/credentials/static_credentials.h"
#include "pipeline/store/credentials/sts_error.h"
#include "pipeline/store/sigv4.h"
#include "pipeline/store/xml_text.h"

namespace cistern {

namespace asio = boost::asio;

namespace {

constexpr const char* kVersion = "2011-06-15";

Result<HttpUrl> url_of(const StsOptions& options) {
  if (options.endpoint.empty()) {
    CISTERN_TRY(check_endpoint_kinds(options.region, options.fips, options.dual_stack));
    return HttpUrl{{true, sts_host(options.region, options.fips, options.dual_stack), 443}, "/"};
  }
  auto url = parse_http_url(options.endpoint);
  if (!url) return invalid("AWS_ENDPOINT_URL_STS (or AWS_ENDPOINT_URL): " + url.error().what);
  return url;
}

std::vector<std::pair<std::string, std::string>> form_of(const char* action, const RoleToAssume& role) {
  std::vector<std::pair<std::string, std::string>> form{
      {"Action", action},
      {"Version", kVersion},
      {"RoleArn", role.arn},
      {"RoleSessionName", role.session_name.empty() ? "cistern" : role.session_name}};
  if (!role.external_id.empty()) form.emplace_back("ExternalId", role.external_id);
  form.emplace_back("DurationSeconds", std::to_string(role.duration_s));
  for (size_t i = 0; i < role.tags.size(); ++i) {
    const std::string member = "Tags.member." + std::to_string(i + 1);
    const size_t equals = role.tags[i].find('=');
    form.emplace_back(member + ".Key", role.tags[i].substr(0, equals));
    form.emplace_back(member + ".Value", role.tags[i].substr(equals + 1));
  }
  return form;
}

Result<Credentials> read_credentials(std::string body) {
  Credentials found;
  found.access_key_id = xml_text(body, "AccessKeyId");
  std::string secret = xml_text(body, "SecretAccessKey");
  std::string token = xml_text(body, "SessionToken");
  found.expires_ms = parse_iso_time(xml_text(body, "Expiration"));
  cleanse(body);
  found.secret_access_key = Secret::take(secret);
  found.session_token = Secret::take(token);
  const bool whole = !found.access_key_id.empty() && !found.secret_access_key.empty() &&
                     !found.session_token.empty() && found.expires_ms && is_sendable(found);
  if (!whole) return retry("the answer of STS is not the XML of credentials that is expected");
  return found;
}

}  // namespace

Result<Sts> Sts::make(const StsOptions& options, const CredentialDoors& doors) {
  CISTERN_TRY(auto url, url_of(options));
  CredentialEndpoint endpoint{url.endpoint, options.ca_file, 5'000, 15'000};
  CISTERN_TRY(endpoint.proxy, choose_proxy(options.proxy, options.no_proxy, url.endpoint));
  return Sts(std::move(url), options.region, std::move(endpoint), doors);
}

Sts::Sts(HttpUrl url, std::string region, CredentialEndpoint endpoint, const CredentialDoors& doors)
    : url_(std::move(url)),
      region_(std::move(region)),
      endpoint_(std::move(endpoint)),
      doors_(doors),
      time_(doors.clock) {}

Sts::Sts(Sts&& other) noexcept
    : Sts(std::move(other.url_), std::move(other.region_), std::move(other.endpoint_), other.doors_) {}

asio::awaitable<Result<Credentials>> Sts::assume_role(const RoleToAssume& role,
                                                      const Credentials& credentials) {
  CISTERN_CO_TRY(auto body, co_await call(form_of("AssumeRole", role), &credentials, Secret()));
  co_return read_credentials(std::move(body));
}

asio::awaitable<Result<Credentials>> Sts::assume_role_with_web_identity(const RoleToAssume& role,
                                                                        const Secret& token) {
  CISTERN_CO_TRY(auto body, co_await call(form_of("AssumeRoleWithWebIdentity", role), nullptr, token));
  co_return read_credentials(std::move(body));
}

asio::awaitable<Result<CallerIdentity>> Sts::caller_identity(const Credentials& credentials) {
  Form form{{"Action", "GetCallerIdentity"}, {"Version", kVersion}};
  CISTERN_CO_TRY(const auto body, co_await call(std::move(form), &credentials, Secret()));
  CallerIdentity caller{quotable(xml_text(body, "Account")), quotable(xml_text(body, "Arn"))};
  if (caller.account.empty()) co_return retry("STS did not say which account it is");
  co_return caller;
}

// A request that was refused for its time is signed once more, by the time that the answer tells.
asio::awaitable<Result<std::string>> Sts::call(Form form, const Credentials* credentials, Secret token) {
  std::string text = canonical_query(form);
  if (!token.empty()) text.append("&WebIdentityToken=").append(uri_encode(token.view(), false));
  const Secret body = Secret::take(text);
  for (bool again = false;; again = true) {
    HttpRequest request = request_of(body, credentials);
    CISTERN_CO_TRY(auto response, co_await request_credentials(doors_, endpoint_, std::move(request)));
    if (response.status == 200) co_return std::move(response.body);
    if (credentials != nullptr && !again && time_.learn(response)) continue;
    Credentials secrets = credentials == nullptr ? Credentials{} : *credentials;
    if (!token.empty()) secrets.session_token = token;
    co_return sts_error(response, secrets);
  }
}

// POST / HTTP/1.1
// Content-Type: application/x-www-form-urlencoded; charset=utf-8
//
// Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Farchive&...
HttpRequest Sts::request_of(const Secret& body, const Credentials* credentials) const {
  HttpRequest request;
  request.method = "POST";
  request.target = url_.target;
  request.headers = {{"Host", url_.endpoint.authority()},
                     {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  request.body = secret_bytes(body);
  request.body_size = body.view().size();
  if (credentials == nullptr) return request;
  const std::string date = amz_date(time_.wall_ms());
  request.headers.emplace_back("x-amz-date", date);
  if (!credentials->session_token.empty())
    request.headers.emplace_back("x-amz-security-token", credentials->session_token.view());
  const SigV4Request to_sign{"POST", url_.target, {}, request.headers, hex(sha256(body.view()))};
  request.headers.emplace_back("Authorization",
                               sign_v4(to_sign, {region_, "sts", date}, *credentials).authorization);
  return request;
}

}  // namespace cistern

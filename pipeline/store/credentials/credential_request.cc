#include "pipeline/store/credentials/credential_request.h"

#include "pipeline/ascii.h"
#include "pipeline/call_on.h"
#include "pipeline/store/https_client.h"

namespace cistern {

namespace asio = boost::asio;

namespace {

constexpr int kTries = 3;
constexpr size_t kMostQuoted = 300;
constexpr uint64_t kMostAnswerBytes = 256 * 1024;

class SecretBytes : public ObjectBytes {
 public:
  explicit SecretBytes(const Secret& secret) : bytes_(std::make_shared<Buffer>(secret.view())) {}
  ~SecretBytes() override { cleanse(bytes_->data(), bytes_->size()); }
  size_t pieces() const override { return 1; }
  Result<std::shared_ptr<const Buffer>> piece(size_t) const override { return bytes_; }

 private:
  const std::shared_ptr<Buffer> bytes_;
};

bool may_pass(const Result<HttpResponse>& response) {
  if (!response) return response.error().kind == ErrorKind::retry;
  return response.value().status == 429 || response.value().status >= 500;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  if (what.empty()) return;
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
}

}  // namespace

asio::awaitable<Result<HttpResponse>> request_credentials(const CredentialDoors& doors,
                                                          CredentialEndpoint endpoint, HttpRequest request) {
  request.max_answer_bytes = kMostAnswerBytes;
  HttpsClientOptions options;
  options.endpoint = std::move(endpoint.server);
  options.ca_file = std::move(endpoint.ca_file);
  options.proxy = std::move(endpoint.proxy);
  options.connect_ms = endpoint.connect_ms;
  options.first_byte_ms = options.progress_ms = endpoint.answer_ms;
  // On a worker, since authorities are read from files.
  const auto make = [&] { return HttpsClient::make(options, doors.clock, doors.io, doors.workers); };
  CISTERN_CO_TRY(auto client, co_await call_on(doors.workers, make));
  for (int tried = 1;; ++tried) {
    auto response = co_await client->request(request);
    if (tried == kTries || !may_pass(response)) co_return response;
  }
}

std::shared_ptr<const ObjectBytes> secret_bytes(Secret secret) {
  return std::make_shared<SecretBytes>(secret);
}

std::string quotable(std::string text, const Credentials& without) {
  replace_all(text, without.secret_access_key.view(), "***");
  replace_all(text, without.session_token.view(), "***");
  if (text.size() > kMostQuoted) text = text.substr(0, kMostQuoted) + "...";
  return printable(text, text.size());
}

}  // namespace cistern

#include "pipeline/store/s3_store.h"

#include <charconv>

#include "pipeline/store/https_client.h"
#include "pipeline/store/s3_answer.h"
#include "pipeline/store/server_time.h"

namespace cistern {

namespace asio = boost::asio;

namespace {

constexpr const char* kProbeKey = "cistern-check";

template <class T = uint64_t>
T number(std::string_view text) {
  T value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

ObjectInfo info_of(const HttpResponse& response) {
  return {number(find_header(response.headers, "Content-Length")),
          std::string(find_header(response.headers, "x-amz-meta-cistern-journal")),
          number(find_header(response.headers, "x-amz-meta-cistern-sequence")),
          number(find_header(response.headers, "x-amz-meta-cistern-events")),
          number<int64_t>(find_header(response.headers, "x-amz-meta-cistern-first")),
          number<int64_t>(find_header(response.headers, "x-amz-meta-cistern-last"))};
}

class S3Store : public ObjectStore {
 public:
  S3Store(S3Requests requests, std::unique_ptr<HttpsClient> client,
          std::shared_ptr<CredentialSource> credentials, const Clock& clock)
      : requests_(std::move(requests)),
        client_(std::move(client)),
        credentials_(std::move(credentials)),
        time_(clock) {}

  asio::awaitable<Result<PutOutcome>> put(std::shared_ptr<const Object> object) override {
    CISTERN_CO_TRY(auto credentials, co_await credentials_->credentials());
    CISTERN_CO_TRY(auto request, requests_.put(*object, credentials, time_.wall_ms()));
    CISTERN_CO_TRY(auto response, co_await send(std::move(request)));
    const S3Answer answer = read(response, credentials);
    switch (meaning_of(answer, S3Action::put)) {
      case S3Meaning::done:
        co_return PutOutcome::stored;
      case S3Meaning::exists:
        co_return co_await whose(*object);
      default:
        co_return s3_error(answer, place(S3Action::put, object->key));
    }
  }

  asio::awaitable<Result<std::optional<ObjectInfo>>> head(std::string key) override {
    CISTERN_CO_TRY(auto credentials, co_await credentials_->credentials());
    CISTERN_CO_TRY(auto response, co_await send(requests_.head(key, credentials, time_.wall_ms())));
    const S3Answer answer = read(response, credentials);
    switch (meaning_of(answer, S3Action::head)) {
      case S3Meaning::done:
        co_return std::optional<ObjectInfo>(info_of(response));
      case S3Meaning::absent:
        co_return std::optional<ObjectInfo>();
      default:
        co_return s3_error(answer, place(S3Action::head, key));
    }
  }

  asio::awaitable<Result<Buffer>> get(std::string key) override {
    CISTERN_CO_TRY(auto credentials, co_await credentials_->credentials());
    CISTERN_CO_TRY(auto response, co_await send(requests_.get(key, credentials, time_.wall_ms())));
    const S3Answer answer = read(response, credentials);
    switch (meaning_of(answer, S3Action::get)) {
      case S3Meaning::done:
        co_return Buffer(response.body);
      case S3Meaning::absent:
        co_return invalid("there is no object " + key);
      default:
        co_return s3_error(answer, place(S3Action::get, key));
    }
  }

  // Puts an object that a server must refuse after it has allowed it, and looks at a key that is not there:
  // that tries address, region, credentials, bucket and both permissions, and leaves nothing.
  asio::awaitable<Result<std::string>> check() override {
    CISTERN_CO_TRY(auto credentials, co_await credentials_->credentials());
    std::string found = "bucket " + requests_.options().bucket + " at " + requests_.endpoint().authority() +
                        ", region " + requests_.options().region + ", credentials from the " +
                        credentials_->name();
    CISTERN_CO_TRY(auto writing, co_await check_put(credentials));
    CISTERN_CO_TRY(auto looking, co_await check_look(credentials));
    co_return found + "; " + writing + "; " + looking;
  }

 private:
  asio::awaitable<Result<HttpResponse>> send(HttpRequest request) {
    auto response = co_await client_->request(std::move(request));
    if (response) co_return std::move(response).value();
    co_return Error{response.error().kind,
                    "S3 bucket " + requests_.options().bucket + ": " + response.error().what};
  }

  // What an answer says of our signing is taken to heart before the next request.
  S3Answer read(const HttpResponse& response, const Credentials& credentials) {
    S3Answer answer = read_s3_answer(response);
    if (answer.code == "RequestTimeTooSkewed") time_.learn(response);
    if (refuses_credentials(answer)) credentials_->refused(credentials);
    return answer;
  }

  // The key holds an object: ours, from a try whose answer was lost, or a stranger's.
  asio::awaitable<Result<PutOutcome>> whose(const Object& object) {
    CISTERN_CO_TRY(auto there, co_await head(object.key));
    if (!there)
      co_return retry("S3 says that " + object.key + " is there and is not there: it is tried again");
    co_return is_ours(*there, object) ? PutOutcome::already_ours : PutOutcome::taken;
  }

  asio::awaitable<Result<std::string>> check_put(const Credentials& credentials) {
    CISTERN_CO_TRY(auto response,
                   co_await send(requests_.probe_put(kProbeKey, credentials, time_.wall_ms())));
    const S3Answer answer = read(response, credentials);
    if (answer.code == "BadDigest" || answer.code == "InvalidDigest")
      co_return std::string("objects can be put");
    switch (meaning_of(answer, S3Action::put)) {
      case S3Meaning::exists:
        co_return std::string("objects can be put");
      case S3Meaning::done:
        co_return "objects can be put, but the store does not verify Content-MD5 and now holds an object " +
            requests_.options().prefix + kProbeKey;
      default:
        co_return s3_error(answer, place(S3Action::put, kProbeKey));
    }
  }

  asio::awaitable<Result<std::string>> check_look(const Credentials& credentials) {
    CISTERN_CO_TRY(auto response, co_await send(requests_.head(kProbeKey, credentials, time_.wall_ms())));
    const S3Answer answer = read(response, credentials);
    const S3Meaning meaning = meaning_of(answer, S3Action::head);
    if (meaning == S3Meaning::absent || meaning == S3Meaning::done)
      co_return std::string("objects can be looked at");
    // To those who may not list, S3 says "forbidden" of a key that is not there.
    if (answer.status == 403) {
      co_return std::string(
          "looking at a missing object was refused, which is right without s3:ListBucket; make sure that "
          "s3:GetObject "
          "is allowed: an object whose answer was lost is recognised by it");
    }
    co_return s3_error(answer, place(S3Action::head, kProbeKey));
  }

  S3Place place(S3Action action, const std::string& key) const {
    const S3Options& options = requests_.options();
    return {action, options.bucket, options.prefix + key, options.region};
  }

  const S3Requests requests_;
  const std::unique_ptr<HttpsClient> client_;
  const std::shared_ptr<CredentialSource> credentials_;
  ServerTime time_;
};

}  // namespace

Result<std::unique_ptr<ObjectStore>> make_s3_store(S3Options options,
                                                   std::shared_ptr<CredentialSource> credentials,
                                                   const Clock& clock, asio::any_io_executor io,
                                                   asio::any_io_executor workers) {
  HttpsClientOptions client_options;
  client_options.ca_file = options.ca_file;
  client_options.first_byte_ms = client_options.progress_ms = options.timeout_ms;
  CISTERN_TRY(auto requests, S3Requests::make(std::move(options)));
  client_options.endpoint = requests.endpoint();
  CISTERN_TRY(auto client,
              HttpsClient::make(std::move(client_options), clock, std::move(io), std::move(workers)));
  return std::unique_ptr<ObjectStore>(
      std::make_unique<S3Store>(std::move(requests), std::move(client), std::move(credentials), clock));
}

}  // namespace cistern

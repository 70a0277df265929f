#include "pipeline/store/s3_store.h"

#include <charconv>

#include "pipeline/digest.h"
#include "pipeline/store/s3_sender.h"

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
  S3Store(std::unique_ptr<S3Sender> sender, std::string credentials_name)
      : sender_(std::move(sender)), credentials_name_(std::move(credentials_name)) {}

  ChecksumsWanted checksums_wanted() const override { return sender_->checksums_wanted(); }

  asio::awaitable<Result<PutOutcome>> put(std::shared_ptr<const Object> object) override {
    const S3Sender::Build build = [&object](const S3Requests& requests, const Credentials& credentials,
                                            int64_t wall_ms) {
      return requests.put(*object, credentials, wall_ms);
    };
    CISTERN_CO_TRY(auto reply, co_await sender_->send(S3Action::put, build));
    switch (reply.meaning) {
      case S3Meaning::done:
        break;
      case S3Meaning::exists:
        co_return co_await whose(*object);
      default:
        co_return sender_->error(reply, S3Action::put, object->key);
    }
    CISTERN_CO_TRY(check_bytes(*object, reply.response));
    co_return PutOutcome::stored;
  }

  asio::awaitable<Result<std::optional<ObjectInfo>>> head(std::string key) override {
    CISTERN_CO_TRY(auto reply, co_await look(key, false));
    if (reply.meaning == S3Meaning::absent) co_return std::optional<ObjectInfo>();
    if (reply.meaning != S3Meaning::done) co_return sender_->error(reply, S3Action::head, key);
    co_return std::optional<ObjectInfo>(info_of(reply.response));
  }

  asio::awaitable<Result<Buffer>> get(std::string key) override {
    const S3Sender::Build build = [&key](const S3Requests& requests, const Credentials& credentials,
                                         int64_t wall_ms) -> Result<HttpRequest> {
      return requests.get(key, credentials, wall_ms);
    };
    CISTERN_CO_TRY(auto reply, co_await sender_->send(S3Action::get, build));
    if (reply.meaning == S3Meaning::absent) co_return invalid("there is no object " + key);
    if (reply.meaning != S3Meaning::done) co_return sender_->error(reply, S3Action::get, key);
    co_return Buffer(reply.response.body);
  }

  // Puts an object that a server must refuse after it has allowed it, and looks at a key that is not there:
  // that tries address, region, credentials, bucket and both permissions, and leaves nothing.
  asio::awaitable<Result<std::string>> check() override {
    CISTERN_CO_TRY(auto writing, co_await check_put());
    CISTERN_CO_TRY(auto looking, co_await check_look());
    co_return "bucket " + sender_->options().bucket + " at " + sender_->server() + ", region " +
        sender_->region() + ", credentials from the " + credentials_name_ + "; " + writing + "; " + looking;
  }

 private:
  asio::awaitable<Result<S3Reply>> look(const std::string& key, bool with_checksum) {
    const S3Sender::Build build = [&key, with_checksum](const S3Requests& requests,
                                                        const Credentials& credentials,
                                                        int64_t wall_ms) -> Result<HttpRequest> {
      return requests.head(key, credentials, wall_ms, with_checksum);
    };
    co_return co_await sender_->send(S3Action::head, build);
  }

  // What S3 says of the stored bytes' checksum must be what was sent; servers that say nothing are believed.
  Result<> check_bytes(const Object& object, const HttpResponse& response) const {
    const S3ObjectSettings& settings = sender_->options().object;
    const auto answered = find_header(response.headers, checksum_header(settings));
    if (answered.empty() || answered == checksum_value(settings, object.checksums)) return ok();
    return fatal("S3 says that s3://" + sender_->options().bucket + "/" + sender_->options().prefix +
                 object.key + " holds other bytes (" + checksum_header(settings) + " " +
                 std::string(answered.substr(0, 40)) + ") than were sent (" +
                 checksum_value(settings, object.checksums) +
                 "): remove that object, and it is stored again from the journal");
  }

  // The key holds an object: ours, from a try whose answer was lost, or a stranger's. The checksum cannot be
  // read without kms:Decrypt where KMS encrypts; whose object it is, can.
  asio::awaitable<Result<PutOutcome>> whose(const Object& object) {
    const bool checksum = !sender_->options().object.checksum.empty();
    CISTERN_CO_TRY(auto reply, co_await look(object.key, checksum));
    if (checksum && reply.response.status == 403) {
      CISTERN_CO_TRY(reply, co_await look(object.key, false));
    }
    if (reply.meaning == S3Meaning::absent)
      co_return retry("S3 says that " + object.key + " is there and is not there: it is tried again");
    if (reply.meaning != S3Meaning::done) co_return sender_->error(reply, S3Action::head, object.key);
    if (!is_ours(info_of(reply.response), object)) co_return PutOutcome::taken;
    // Of the same bytes the checksum must be the same; another version's compressor made others.
    const bool same_bytes =
        find_header(reply.response.headers, "x-amz-meta-cistern-sha256") == hex(object.sha256);
    if (same_bytes) {
      CISTERN_CO_TRY(check_bytes(object, reply.response));
    }
    co_return PutOutcome::already_ours;
  }

  asio::awaitable<Result<std::string>> check_put() {
    const S3Sender::Build build = [](const S3Requests& requests, const Credentials& credentials,
                                     int64_t wall_ms) -> Result<HttpRequest> {
      return requests.probe_put(kProbeKey, credentials, wall_ms);
    };
    CISTERN_CO_TRY(auto reply, co_await sender_->send(S3Action::put, build));
    const std::string& code = reply.answer.code;
    if (code == "BadDigest" || code == "InvalidDigest" || reply.meaning == S3Meaning::exists)
      co_return std::string("objects can be put");
    if (reply.meaning != S3Meaning::done) co_return sender_->error(reply, S3Action::put, kProbeKey);
    co_return "objects can be put, but the store does not verify Content-MD5 and now holds an object " +
        sender_->options().prefix + kProbeKey;
  }

  asio::awaitable<Result<std::string>> check_look() {
    CISTERN_CO_TRY(auto reply, co_await look(kProbeKey, false));
    if (reply.meaning == S3Meaning::absent || reply.meaning == S3Meaning::done)
      co_return std::string("objects can be looked at");
    // To those who may not list, S3 says "forbidden" of a key that is not there.
    if (reply.answer.status == 403) {
      co_return std::string(
          "looking at a missing object was refused, which is right without s3:ListBucket; make sure that "
          "s3:GetObject is allowed: an object whose answer was lost is recognised by it");
    }
    co_return sender_->error(reply, S3Action::head, kProbeKey);
  }

  const std::unique_ptr<S3Sender> sender_;
  const std::string credentials_name_;
};

}  // namespace

Result<std::unique_ptr<ObjectStore>> make_s3_store(S3Options options,
                                                   std::shared_ptr<CredentialSource> credentials,
                                                   Clock& clock, asio::any_io_executor io,
                                                   asio::any_io_executor workers) {
  std::string name = credentials->name();
  CISTERN_TRY(auto sender, S3Sender::make(std::move(options), std::move(credentials), clock, std::move(io),
                                          std::move(workers)));
  return std::unique_ptr<ObjectStore>(std::make_unique<S3Store>(std::move(sender), std::move(name)));
}

}  // namespace cistern

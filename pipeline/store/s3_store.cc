#include "pipeline/store/s3_store.h"

#include <charconv>

#include "pipeline/digest.h"
#include "pipeline/store/s3_sender.h"

namespace cistern {

namespace asio = boost::asio;

namespace {

// Readers of tables pass over names that begin with a dot.
constexpr const char* kProbeKey = ".cistern-check";

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

  // Puts an object that a server must refuse after it has allowed it, and looks at its key: that tries
  // address, region, credentials, bucket and both permissions, and leaves nothing. Whether the server keeps
  // to If-None-Match is only told by an object that is there: an empty one, which stays for the next time,
  // since nobody may delete it.
  asio::awaitable<Result<std::string>> check() override {
    CISTERN_CO_TRY(auto writing, co_await check_put());
    CISTERN_CO_TRY(auto reply, co_await look(kProbeKey, false));
    CISTERN_CO_TRY(auto looking, what_looking_says(reply));
    CISTERN_CO_TRY(auto replacing, co_await check_condition(reply));
    co_return "bucket " + sender_->options().bucket + " at " + sender_->server() + ", region " +
        sender_->region() + ", credentials from the " + credentials_name_ + "; " + writing + "; " + looking +
        "; " + replacing;
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
        find_header(reply.response.headers, "x-amz-meta-cistern-sha256") == hex(object.digest);
    if (same_bytes) {
      CISTERN_CO_TRY(check_bytes(object, reply.response));
    }
    co_return PutOutcome::already_ours;
  }

  asio::awaitable<Result<S3Reply>> probe_put(S3Requests::Probe probe) {
    const S3Sender::Build build = [probe](const S3Requests& requests, const Credentials& credentials,
                                          int64_t wall_ms) -> Result<HttpRequest> {
      return requests.probe_put(kProbeKey, probe, credentials, wall_ms);
    };
    co_return co_await sender_->send(S3Action::put, build);
  }
  std::string probe_name() const { return sender_->options().prefix + kProbeKey; }

  asio::awaitable<Result<std::string>> check_put() {
    CISTERN_CO_TRY(auto reply, co_await probe_put(S3Requests::Probe::damaged));
    const std::string& code = reply.answer.code;
    if (code == "BadDigest" || code == "InvalidDigest" || reply.meaning == S3Meaning::exists)
      co_return std::string("objects can be put");
    if (reply.meaning != S3Meaning::done) co_return sender_->error(reply, S3Action::put, kProbeKey);
    co_return "objects can be put, but the store does not verify Content-MD5";
  }

  Result<std::string> what_looking_says(const S3Reply& reply) const {
    if (reply.meaning == S3Meaning::absent || reply.meaning == S3Meaning::done)
      return std::string("objects can be looked at");
    // To those who may not list, S3 says "forbidden" of a key that is not there.
    if (reply.answer.status == 403) {
      return std::string(
          "looking at a missing object was refused, which is right without s3:ListBucket; make sure that "
          "s3:GetObject is allowed: an object whose answer was lost is recognised by it");
    }
    return sender_->error(reply, S3Action::head, kProbeKey);
  }

  // `there`: what looking at the probe's key said. A stranger's object is left alone: a server that knows no
  // condition would replace it.
  asio::awaitable<Result<std::string>> check_condition(const S3Reply& there) {
    const bool strangers = find_header(there.response.headers, kProbeHeader).empty();
    if (there.meaning == S3Meaning::done && strangers)
      co_return "whether the store keeps to If-None-Match was not tried: " + probe_name() +
          " is an object of somebody else's";
    for (int puts = 1; puts <= 2; ++puts) {
      CISTERN_CO_TRY(auto reply, co_await probe_put(S3Requests::Probe::empty));
      if (reply.meaning == S3Meaning::exists)
        co_return "what is there is not replaced (If-None-Match was tried on " + probe_name() +
            ", an empty object that stays)";
      if (reply.meaning != S3Meaning::done) co_return sender_->error(reply, S3Action::put, kProbeKey);
    }
    co_return invalid("the store ignores If-None-Match: it took the empty object " + probe_name() +
                      " twice, where it had to refuse the second with 412. Cistern uses none of its keys "
                      "twice, but nothing protects what is stored from others: let nobody else write there, "
                      "or use a store that knows the condition");
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

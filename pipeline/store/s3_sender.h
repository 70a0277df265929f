// Sends S3 requests: signs with the credentials of the moment, keeps the pace, goes to the right region and
// signs at the right time once an answer has told them.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "pipeline/clock.h"
#include "pipeline/store/credentials/credential_source.h"
#include "pipeline/store/https_client.h"
#include "pipeline/store/request_pace.h"
#include "pipeline/store/s3_meaning.h"
#include "pipeline/store/s3_request.h"
#include "pipeline/store/server_time.h"

namespace cistern {

struct S3Reply {
  HttpResponse response;
  S3Answer answer;
  S3Meaning meaning = S3Meaning::retry;
};

// Any thread. Must outlive its requests; the clock and both executors must outlive it.
class S3Sender {
 public:
  // Error `invalid`: a setting that cannot work. No network traffic.
  static Result<std::unique_ptr<S3Sender>> make(S3Options options,
                                                std::shared_ptr<CredentialSource> credentials, Clock& clock,
                                                boost::asio::any_io_executor io,
                                                boost::asio::any_io_executor workers);

  using Build =
      std::function<Result<HttpRequest>(const S3Requests&, const Credentials& credentials, int64_t wall_ms)>;
  // Builds, signs, sends; again at most once for the region and once for the clock, which are then used by
  // all requests after it. Waits before, when the server is in trouble. Errors: those of the credentials, of
  // `build` and of the connection.
  boost::asio::awaitable<Result<S3Reply>> send(S3Action action, Build build);

  // Of an answer that is no success.
  Error error(const S3Reply& reply, S3Action action, const std::string& key) const;
  const S3Options& options() const { return options_; }
  std::string server() const { return current()->requests.endpoint().authority(); }
  std::string region() const { return current()->requests.region(); }
  ChecksumsWanted checksums_wanted() const { return current()->requests.checksums_wanted(); }

 private:
  // One region: what is said to whom.
  struct Target {
    S3Requests requests;
    std::unique_ptr<HttpsClient> client;
  };
  S3Sender(S3Options options, std::shared_ptr<CredentialSource> credentials, Clock& clock,
           boost::asio::any_io_executor io, boost::asio::any_io_executor workers);
  Result<std::shared_ptr<Target>> target_in(const std::string& region) const;
  std::shared_ptr<Target> current() const;
  boost::asio::awaitable<void> keep_pace();
  boost::asio::awaitable<Result<S3Reply>> send_to(Target& target, S3Action action, const Build& build);
  bool follow_region(const std::string& region, const Target& asked);
  void note(const S3Reply& reply);

  const S3Options options_;
  const std::shared_ptr<CredentialSource> credentials_;
  Clock& clock_;
  ServerTime time_;
  const boost::asio::any_io_executor io_;
  const boost::asio::any_io_executor workers_;
  RequestPace pace_;
  mutable std::mutex mutex_;
  std::shared_ptr<Target> target_;  // under the mutex
};

}  // namespace cistern

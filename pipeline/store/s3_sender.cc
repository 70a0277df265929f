#include "pipeline/store/s3_sender.h"

#include "pipeline/log.h"
#include "pipeline/pause.h"
#include "pipeline/store/proxy.h"
#include "pipeline/store/retry_after.h"

namespace cistern {

namespace asio = boost::asio;

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

S3Sender::S3Sender(S3Options options, std::shared_ptr<CredentialSource> credentials, Clock& clock,
                   asio::any_io_executor io, asio::any_io_executor workers)
    : options_(std::move(options)),
      credentials_(std::move(credentials)),
      clock_(clock),
      time_(clock),
      io_(std::move(io)),
      workers_(std::move(workers)),
      pace_(options_.requests_at_once) {}

Result<std::unique_ptr<S3Sender>> S3Sender::make(S3Options options,
                                                 std::shared_ptr<CredentialSource> credentials, Clock& clock,
                                                 asio::any_io_executor io, asio::any_io_executor workers) {
  std::unique_ptr<S3Sender> sender(
      new S3Sender(std::move(options), std::move(credentials), clock, std::move(io), std::move(workers)));
  CISTERN_TRY(sender->target_, sender->target_in(sender->options_.region));
  return sender;
}

Result<std::shared_ptr<S3Sender::Target>> S3Sender::target_in(const std::string& region) const {
  S3Options options = options_;
  options.region = region;
  CISTERN_TRY(auto requests, S3Requests::make(std::move(options)));
  HttpsClientOptions client_options;
  client_options.endpoint = requests.endpoint();
  client_options.ca_file = options_.ca_file;
  client_options.connect_ms = options_.connect_ms;
  client_options.first_byte_ms = client_options.progress_ms = options_.timeout_ms;
  CISTERN_TRY(client_options.proxy, choose_proxy(options_.proxy, options_.no_proxy, requests.endpoint()));
  CISTERN_TRY(auto client, HttpsClient::make(std::move(client_options), clock_, io_, workers_));
  return std::make_shared<Target>(Target{std::move(requests), std::move(client)});
}

std::shared_ptr<S3Sender::Target> S3Sender::current() const {
  const std::lock_guard lock(mutex_);
  return target_;
}

asio::awaitable<void> S3Sender::keep_pace() {
  while (const int64_t wait_ms = pace_.start(clock_.steady_ms())) co_await pause(clock_, wait_ms);
}

asio::awaitable<Result<S3Reply>> S3Sender::send(S3Action action, Build build) {
  for (bool followed = false, corrected = false;;) {
    co_await keep_pace();
    const auto target = current();
    CISTERN_CO_TRY(auto reply, co_await send_to(*target, action, build));
    note(reply);
    if (reply.meaning == S3Meaning::wrong_region && !followed) {
      followed = true;
      if (follow_region(reply.answer.region, *target)) continue;
    }
    if (reply.meaning == S3Meaning::wrong_clock && !corrected) {
      corrected = true;
      if (time_.learn(reply.response)) continue;
    }
    co_return reply;
  }
}

asio::awaitable<Result<S3Reply>> S3Sender::send_to(Target& target, S3Action action, const Build& build) {
  CISTERN_CO_TRY(auto credentials, co_await credentials_->credentials());
  CISTERN_CO_TRY(auto request, build(target.requests, credentials, time_.wall_ms()));
  auto response = co_await target.client->request(std::move(request));
  if (!response) {
    co_return Error{response.error().kind, "S3 bucket " + options_.bucket + " (region " +
                                               target.requests.region() + "): " + response.error().what};
  }
  S3Reply reply;
  reply.response = std::move(response).value();
  reply.answer = read_s3_answer(reply.response);
  reply.meaning = meaning_of(reply.answer, action);
  if (refuses_credentials(reply.answer)) credentials_->refused(credentials);
  co_return reply;
}

void S3Sender::note(const S3Reply& reply) {
  const bool in_trouble = reply.meaning == S3Meaning::retry || reply.meaning == S3Meaning::busy;
  if (!in_trouble) return pace_.succeeded();  // a refusal is the work of a server that is well
  const auto pause = parse_retry_after(find_header(reply.response.headers, "Retry-After"), clock_.wall_ms());
  if (pause) pace_.pause(clock_.steady_ms(), *pause);
}

// Whether to ask again: the bucket lies elsewhere than where we asked. Another request may have found out
// before.
bool S3Sender::follow_region(const std::string& region, const Target& asked) {
  if (region.empty() || region == asked.requests.region()) return false;
  if (current()->requests.region() == region) return true;
  auto target = target_in(region);
  if (!target || target.value()->requests.region() != region) return false;
  {
    const std::lock_guard lock(mutex_);
    target_ = target.value();
  }
  log_warning("region_followed",
              "the bucket lies in another region than configured; set store.region to spare each start a "
              "request",
              {{"bucket", options_.bucket}, {"configured", options_.region}, {"region", region}});
  return true;
}

Error S3Sender::error(const S3Reply& reply, S3Action action, const std::string& key) const {
  Error error =
      s3_error(reply.answer, {action, options_.bucket, options_.prefix + key, current()->requests.region(),
                              joined(put_permissions(options_.object))});
  if (reply.answer.status != 403 || (!reply.answer.code.empty() && reply.answer.code != "AccessDenied"))
    return error;
  if (!options_.object.expected_bucket_owner.empty())
    error.what += "; or the bucket is not account " + options_.object.expected_bucket_owner +
                  "'s (store.expected_bucket_owner)";
  if (!options_.object.requester_pays) error.what += "; or its requesters pay (store.requester_pays)";
  return error;
}

}  // namespace cistern

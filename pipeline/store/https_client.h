// An HTTP/1.1 client for one server: a small pool of keep-alive connections, TLS with verification or plain
// HTTP.
//
// - A request's body is streamed piece by piece; each piece is loaded on the workers executor.
// - The answer is read while the body is still being sent: an early one ends the sending, and is the result.
// - Deadlines of one try, in milliseconds: to look the server's name up, again as much to connect (TLS
//   included), to the answer's first byte after the body, and between any two signs of progress.
// - A kept connection that turns out to be closed before any byte of an answer costs one immediate try on a
// fresh one.
// - A new connection resumes the TLS session of an earlier one where the server allows it.
// - TLS may go through a proxy (CONNECT). No redirects, cookies or decompression.
//
// Any thread. Must outlive its requests; the clock and both executors must outlive it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "pipeline/clock.h"
#include "pipeline/result.h"
#include "pipeline/store/http_message.h"
#include "pipeline/store/proxy.h"

namespace cistern {

struct HttpsClientOptions {
  HttpEndpoint endpoint;
  std::string ca_file{};             // PEM: the only authorities that are trusted; empty: the system's
  bool insecure = false;             // any certificate is taken: for tests and first steps, never for a store
  std::optional<HttpProxy> proxy{};  // for TLS only
  int64_t connect_ms = 10'000;       // and to look the name up
  int64_t first_byte_ms = 60'000;
  int64_t progress_ms = 60'000;
  int64_t keep_ms = 15'000;  // an idle connection older than this is not used again
  size_t keep = 16;          // idle connections at most
};

class HttpsClient {
 public:
  // Error `invalid`: ca_file cannot be read.
  static Result<std::unique_ptr<HttpsClient>> make(HttpsClientOptions options, const Clock& clock,
                                                   boost::asio::any_io_executor io,
                                                   boost::asio::any_io_executor workers);
  ~HttpsClient();
  HttpsClient(HttpsClient&&) = delete;

  // Resumes on the caller's executor. Any status is a success. Errors: `retry` (network, deadline, answer
  // that is no HTTP), `fatal` (the server's certificate is not trusted, a proxy refuses), and what the body's
  // own pieces fail with.
  boost::asio::awaitable<Result<HttpResponse>> request(HttpRequest request);

 private:
  class Connection;
  struct Pool;
  explicit HttpsClient(std::shared_ptr<Pool> pool);
  std::shared_ptr<Pool> pool_;
};

}  // namespace cistern

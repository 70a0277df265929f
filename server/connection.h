// One connection as one coroutine that reads like the protocol: handshake, then head, body, reply, again,
// until either side ends it; then a gentle close, so that the last reply arrives. Lives on its strand.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "handlers/admission.h"
#include "handlers/exchange.h"
#include "pipeline/clock.h"
#include "pipeline/latest.h"
#include "pipeline/metrics.h"
#include "server/config.h"
#include "server/deadline.h"
#include "server/guess_delay.h"
#include "server/transport.h"

namespace cistern {

// What all connections of a listener share; outlives them.
struct ConnectionContext {
  ConnectionContext(const ServerConfig& server, uint64_t long_head_limit, Handler& requests,
                    const Clock& time, Metrics* counted)
      : limits(std::make_shared<const ServerConfig>(server)),
        handler(requests),
        clock(time),
        metrics(counted),
        long_heads(long_head_limit, time, long_head_bytes) {}

  Latest<ServerConfig> limits;
  Handler& handler;
  const Clock& clock;
  Metrics* const metrics;  // null: not counted (the operations listener)
  std::atomic<bool> draining = false;
  // Heads longer than one read share a budget: connections times header_bytes would be too much memory to let
  // senders take before their access key is known.
  prometheus::Gauge long_head_bytes = {};
  Admission long_heads;
  GuessDelay guess_delay;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // `one_too_many`: over the limit of connections; its first request is answered busy.
  Connection(std::unique_ptr<Transport> transport, ConnectionContext& context, bool one_too_many);

  boost::asio::awaitable<void> run();
  // After context.draining was set: ends the connection if it waits for a request, and no guess waits on. Any
  // thread.
  void end_if_idle();
  // Whether a delivery with a right access key has come over it. Any thread.
  bool trusted() const { return trusted_.load(std::memory_order_relaxed); }
  // Ends the connection where it stands, without an answer. Any thread.
  void drop();

 private:
  template <class T>
  using awaitable = boost::asio::awaitable<T>;

  awaitable<bool> serve_one();  // true: another request may follow
  awaitable<Result<bool>> read_head();
  void forget_head();
  Result<> check_size(std::optional<size_t> head_size);
  Result<> understand(const Result<bool>& read, RequestHead& head) const;
  awaitable<void> slow_down_guess();
  awaitable<bool> serve_with_body(const RequestHead& head, std::shared_ptr<PendingRequest> pending);
  awaitable<Result<>> read_body(const RequestHead& head, PendingRequest& pending, int64_t give_up_ms);
  awaitable<Result<>> read_sized_body(uint64_t size, Buffer& body, int64_t give_up_ms);
  awaitable<Result<>> read_chunked_body(PendingRequest& pending, int64_t give_up_ms);
  awaitable<Result<>> read_body_bytes(boost::asio::mutable_buffer into, int64_t give_up_ms, size_t& got);
  awaitable<Reply> verdict(std::shared_ptr<PendingRequest> pending, int64_t give_up_ms);
  awaitable<bool> send(const Reply& reply, const RequestHead& head, bool keep_alive);
  awaitable<void> close_gently();
  std::string_view unread() const;

  ConnectionContext& context_;
  std::shared_ptr<const ServerConfig> limits_;  // of the request at hand
  const bool one_too_many_;
  std::unique_ptr<Transport> transport_;
  Deadline deadline_;
  boost::asio::steady_timer pause_;  // before the answer to a wrong access key
  boost::beast::flat_buffer in_;     // read and not yet consumed
  HeadScanner scanner_;
  std::string head_bytes_;  // what the current RequestHead points into
  Admission::Lease long_head_;
  bool idle_ = false;  // waiting for a request's first byte
  std::atomic<bool> trusted_{false};
};

}  // namespace cistern

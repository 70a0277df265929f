// A listener and its connections, with TLS or without. Used twice: for deliveries and for operations.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "handlers/exchange.h"
#include "pipeline/clock.h"
#include "pipeline/metrics.h"
#include "pipeline/result.h"
#include "server/config.h"
#include "server/tls.h"

namespace boost::asio {
class io_context;
}

namespace cistern {

class HttpsServer {
 public:
  // References outlive the server and all its connections: until drained, or until the io_context has
  // stopped.
  struct Setup {
    boost::asio::io_context& io;
    Endpoint listen;
    ServerConfig limits;
    uint64_t long_head_bytes;  // see Limits
    const Tls* tls;            // null: plain HTTP
    Handler& handler;
    const Clock& clock;
    Metrics* metrics;  // null: connections are not counted
  };

  // Listens when it returns. Error `fatal`: the address and the system's reason.
  static Result<std::unique_ptr<HttpsServer>> listen(const Setup& setup);
  ~HttpsServer();

  uint16_t port() const;  // the real one where 0 was asked for
  // Limits and time-outs from the next request on. Any thread.
  void use(const ServerConfig& limits, uint64_t long_head_bytes);
  // Takes no more connections, ends the idle ones; requests under way are answered with Connection: close.
  // `drained` is called once, on the io_context, when no connection is left. Call it once. Any thread.
  void stop_accepting(std::function<void()> drained);

 private:
  struct State;
  explicit HttpsServer(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace cistern

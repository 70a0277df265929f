#include "server/recovery_status.h"

#include <string>
#include <thread>
#include <utility>

#include <boost/asio/io_context.hpp>

#include "handlers/ops_handlers.h"
#include "handlers/router.h"
#include "server/https_server.h"

namespace cistern {

// Connections lie in the queues of io, which is the last to go.
struct RecoveryStatus::Listening {
  Listening(const RecoveryStatus& status, const prometheus::Collectable& metrics, const Clock& clock)
      : ops({{"journal", [&status] { return status.ready(); }}}, metrics, clock),
        router({{"/livez", &ops}, {"/readyz", &ops}, {"/metrics", &ops}}, ops, clock, nullptr) {}

  OpsHandler ops;
  Router router;
  boost::asio::io_context io{1};
  std::unique_ptr<HttpsServer> server;
  std::thread thread;
};

RecoveryStatus::RecoveryStatus(const Config& config, const prometheus::Collectable& metrics,
                               const Clock& clock) {
  if (!config.metrics_listen) return;
  auto listening = std::make_unique<Listening>(*this, metrics, clock);
  auto server =
      HttpsServer::listen({listening->io, *config.metrics_listen, config.server,
                           config.limits.long_head_bytes, nullptr, listening->router, clock, nullptr});
  if (!server) return;
  listening->server = std::move(server).value();
  listening->thread = std::thread([&io = listening->io] { io.run(); });
  listening_ = std::move(listening);
}

RecoveryStatus::~RecoveryStatus() {
  if (!listening_) return;
  listening_->io.stop();
  listening_->thread.join();
}

void RecoveryStatus::set(uint64_t read_bytes, uint64_t of_bytes) {
  read_bytes_.store(read_bytes);
  of_bytes_.store(of_bytes);
}

uint16_t RecoveryStatus::port() const { return listening_ ? listening_->server->port() : 0; }

Result<> RecoveryStatus::ready() const {
  constexpr uint64_t mebi = 1 << 20;
  return busy("reading the journal after a restart, " + std::to_string(read_bytes_.load() / mebi) + " of " +
              std::to_string(of_bytes_.load() / mebi) + " MiB");
}

}  // namespace cistern

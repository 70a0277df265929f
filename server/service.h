// The object graph: builds the parts from the store back to the socket, runs them, and drains them in the
// order of the data. The only place that builds them.
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/signal_set.hpp>

#include "handlers/firehose_handler.h"
#include "handlers/ops_handlers.h"
#include "handlers/router.h"
#include "pipeline/journal_intake.h"
#include "server/drain.h"
#include "server/process_metrics.h"
#include "server/recovery_status.h"
#include "server/reload.h"
#include "server/runtime.h"
#include "server/spare_memory.h"
#include "server/status/status_handler.h"

namespace cistern {

// One running service. Members are built from top to bottom and destroyed from bottom to top: each holds
// references to those above it only.
class Service {
 public:
  // `read`: the configuration, read anew.
  Service(const LoadedConfig& loaded, Reload::Read read);
  ~Service();

  Result<> build();
  // What build() could not do: an event of error_codes.h.
  std::string_view failure() const { return failure_; }
  // Until a signal has ended it.
  void run();

 private:
  Result<> build_archive(RecoveryStatus& status);
  Result<> build_intake();
  Result<> build_handlers();
  void build_status();
  Result<> listen();
  void order_drain();
  template <class T>
  Result<T> part(std::string_view failure, Result<T> made);
  void start_timers();
  void await_signal();
  void wait_for_intake(std::function<void()> idle);
  void end(bool clean);

  const LoadedConfig loaded_;
  const Config& config_ = loaded_.config;  // of the start; what is in force: in_force_
  const Reload::Read read_;
  std::string_view failure_ = "not_started";
  Runtime runtime_;
  std::unique_ptr<Disk> disk_;
  prometheus::Registry registry_;
  Metrics metrics_;
  ProcessMetrics process_metrics_;

  std::unique_ptr<ReplaceableStore> store_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Uploader> uploader_;
  std::unique_ptr<Partitions> partitions_;

  std::unique_ptr<DeliveryFramer> framer_;
  std::unique_ptr<WorkerQueue> workers_;
  std::unique_ptr<LevelControl> level_;
  std::unique_ptr<JournalIntake> intake_;

  std::unique_ptr<AccessKeySource> keys_;
  std::unique_ptr<Admission> admission_;
  Latest<Limits> limits_;
  std::unique_ptr<FirehoseContext> context_;
  std::unique_ptr<FirehoseHandler> firehose_;
  Latest<ConfigInForce> in_force_;
  std::vector<ReadyCheck> checks_;
  std::unique_ptr<OpsHandler> ops_;
  std::unique_ptr<StatusBoard> status_board_;
  std::unique_ptr<StatusHandler> status_;
  std::unique_ptr<Router> delivery_router_;
  std::unique_ptr<Router> ops_router_;

  std::unique_ptr<Tls> tls_;
  std::unique_ptr<HttpsServer> delivery_server_;
  std::unique_ptr<HttpsServer> ops_server_;
  std::unique_ptr<Reload> reload_;
  SpareMemory spare_memory_;
  boost::asio::any_io_executor control_;  // a strand of io: signals, reloads, the drain
  Drain drain_;
  std::unique_ptr<boost::asio::signal_set> signals_;
};

}  // namespace cistern

#include "server/service.h"

#include <csignal>
#include <cstdlib>

#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include "pipeline/log.h"
#include "server/exit_codes.h"
#include "server/make_store.h"
#include "server/part_settings.h"
#include "server/socket_address.h"
#include "server/version.h"

namespace cistern {

namespace asio = boost::asio;

namespace {

constexpr int64_t kTickMs = 200;
constexpr int64_t kLookMs = 1'000;

}  // namespace

Service::Service(const LoadedConfig& loaded, Reload::Read read)
    : loaded_(loaded),
      read_(std::move(read)),
      runtime_(config_.runtime),
      disk_(make_posix_disk()),
      metrics_(registry_),
      process_metrics_(registry_, metrics_, runtime_),
      in_force_(std::make_shared<const ConfigInForce>(ConfigInForce{config_, {}})),
      control_(asio::make_strand(runtime_.io())),
      drain_(control_, runtime_, config_.runtime.drain_timeout_ms, [this](bool clean) { end(clean); }) {
  set_log_clock(&runtime_);
}

Service::~Service() { set_log_clock(nullptr); }

// Notes what could not be made.
template <class T>
Result<T> Service::part(std::string_view failure, Result<T> made) {
  if (!made) failure_ = failure;
  return made;
}

Result<> Service::build() {
  {
    RecoveryStatus status(config_, process_metrics_, runtime_);
    CISTERN_TRY(build_archive(status));
  }
  CISTERN_TRY(build_intake());
  CISTERN_TRY(build_handlers());
  CISTERN_TRY(listen());
  metrics_.build_info.Add({{"version", std::string(version())}, {"compiler", __VERSION__}}).Set(1);
  order_drain();
  start_timers();
  return ok();
}

Result<> Service::build_archive(RecoveryStatus& status) {
  CISTERN_TRY(auto store, part("store_not_opened", make_store(config_.store, *disk_, runtime_)));
  store_ = std::make_unique<ReplaceableStore>(std::move(store));
  Recovered recovered;
  JournalOptions journal = config_.journal;
  journal.progress = [&status](uint64_t read, uint64_t of) { status.set(read, of); };
  CISTERN_TRY(journal_, part("journal_not_opened",
                             open_journal(*disk_, runtime_, runtime_.disk(), journal, metrics_, recovered)));
  const UploaderExecutors executors{asio::make_strand(runtime_.io()), runtime_.store(), runtime_.disk()};
  uploader_ =
      std::make_unique<Uploader>(executors, *journal_, *store_, runtime_, metrics_, config_.store.uploads);
  partitions_ =
      std::make_unique<Partitions>(partition_options(config_), *journal_, *uploader_, runtime_, metrics_);
  partitions_->recover(std::move(recovered));  // nothing runs yet: no delivery may come first
  return ok();
}

Result<> Service::build_intake() {
  CISTERN_TRY(auto format, make_format(config_));
  framer_ = std::make_unique<DeliveryFramer>(config_.limits, std::move(format), *journal_);
  workers_ = std::make_unique<WorkerQueue>(runtime_.workers());
  level_ = std::make_unique<LevelControl>(fixed_level(config_), runtime_.worker_count());
  intake_ = std::make_unique<JournalIntake>(config_.acknowledge, *framer_, *level_, *journal_, *partitions_,
                                            *workers_, runtime_, metrics_);
  return ok();
}

Result<> Service::build_handlers() {
  CISTERN_TRY(keys_, part("access_keys_not_loaded",
                          AccessKeySource::load(config_.access_keys_none, config_.access_keys)));
  admission_ =
      std::make_unique<Admission>(config_.limits.in_flight_bytes, runtime_, metrics_.in_flight_bytes);
  limits_.set(std::make_shared<const Limits>(config_.limits));
  context_ = std::make_unique<FirehoseContext>(
      FirehoseContext{limits_, *intake_, *admission_, *workers_, runtime_, metrics_});
  firehose_ = std::make_unique<FirehoseHandler>(*context_, keys_->latest());
  checks_ = {
      {"intake", [this] { return intake_->ready(); }},
      {"service", [this]() -> Result<> { return drain_.started() ? busy("shutting down") : Result<>(ok()); }},
      // Deliveries are taken while the store is away, as far as the journal goes: told, but no reason to be
      // taken out of a balancer.
      {"store",
       [this]() -> Result<> {
         const std::string trouble = uploader_->trouble();
         return trouble.empty() ? Result<>(ok()) : retry(trouble);
       },
       false},
      {"journal",
       [this]() -> Result<> {
         const std::string damage = uploader_->damage();
         return damage.empty() ? Result<>(ok()) : fatal(damage);
       },
       false}};
  ops_ = std::make_unique<OpsHandler>(checks_, process_metrics_, runtime_);
  Router::Routes delivery_routes{{"/livez", ops_.get()}, {"/readyz", ops_.get()}};
  for (const std::string& path : config_.server.paths) delivery_routes[path] = firehose_.get();
  delivery_router_ = std::make_unique<Router>(std::move(delivery_routes), *firehose_, runtime_, &metrics_);
  build_status();
  Router::Routes ops_routes{{"/livez", ops_.get()},        {"/readyz", ops_.get()},
                            {"/metrics", ops_.get()},      {"/", status_.get()},
                            {"/status", status_.get()},    {"/status.json", status_.get()},
                            {"/runbook.md", status_.get()}};
  ops_router_ = std::make_unique<Router>(std::move(ops_routes), *ops_, runtime_, nullptr);
  return ok();
}

void Service::build_status() {
  const StatusSources sources{in_force_, keys_->latest(), checks_,          metrics_,
                              *journal_, *partitions_,    uploader_->list()};
  status_board_ = std::make_unique<StatusBoard>(sources, control_, runtime_.disk(), runtime_);
  const bool loopback_only = config_.metrics_listen && is_loopback(*config_.metrics_listen);
  status_ = std::make_unique<StatusHandler>(*status_board_, runtime_, loopback_only);
}

Result<> Service::listen() {
  if (!config_.tls.off) {
    CISTERN_TRY(tls_, part("certificate_not_loaded", Tls::load(config_.tls)));
  }
  CISTERN_TRY(delivery_server_,
              part("not_listening", HttpsServer::listen({runtime_.io(), config_.server.listen, config_.server,
                                                         config_.limits.long_head_bytes, tls_.get(),
                                                         *delivery_router_, runtime_, &metrics_})));
  if (config_.metrics_listen) {
    CISTERN_TRY(ops_server_,
                part("not_listening", HttpsServer::listen({runtime_.io(), *config_.metrics_listen,
                                                           config_.server, config_.limits.long_head_bytes,
                                                           nullptr, *ops_router_, runtime_, nullptr})));
  }
  reload_ = std::make_unique<Reload>(
      loaded_, read_,
      ReloadedParts{runtime_, *disk_, metrics_, *store_, *uploader_, *partitions_, *framer_, *level_, *keys_,
                    *admission_, limits_, tls_.get(), *delivery_server_, ops_server_.get(), in_force_});
  return ok();
}

// In the order of the data: socket, intake, partitions and store, journal. What waits is flushed from the
// first moment on: senders may be waiting for it (acknowledge: stored), and one slow sender must not use up
// the time.
void Service::order_drain() {
  const int64_t all_ms = config_.runtime.drain_timeout_ms;
  drain_.then("connections", all_ms / 2, [this](auto done) {
    asio::post(runtime_.disk(), [this] { partitions_->flush_all(); });
    delivery_server_->stop_accepting(std::move(done));
  });
  drain_.then("intake", all_ms / 4, [this](auto done) {
    intake_->close();
    wait_for_intake(std::move(done));
  });
  drain_.then("archive", all_ms, [this](auto done) {
    asio::post(runtime_.disk(),
               [this, done = std::move(done)]() mutable { partitions_->drain(std::move(done)); });
  });
  // What the journal was told last is written in a turn that it has already posted to itself.
  drain_.then("journal", all_ms, [this](auto done) {
    asio::post(runtime_.disk(),
               [this, done = std::move(done)]() mutable { asio::post(runtime_.disk(), std::move(done)); });
  });
}

void Service::wait_for_intake(std::function<void()> idle) {
  if (intake_->idle()) return idle();
  runtime_.after_ms(10, [this, idle = std::move(idle)]() mutable { wait_for_intake(std::move(idle)); });
}

void Service::start_timers() {
  every_ms(runtime_, kTickMs, [this] {
    asio::post(runtime_.disk(), [this] { partitions_->tick(); });
    spare_memory_.give_back(in_force_.get()->config.memory_limit);
  });
  every_ms(runtime_, kLookMs, [this] { asio::post(control_, [this] { reload_->if_changed(); }); });
  signals_ = std::make_unique<asio::signal_set>(control_, SIGTERM, SIGINT, SIGHUP);
  await_signal();
}

void Service::await_signal() {
  signals_->async_wait([this](const boost::system::error_code& stopped, int signal) {
    if (stopped) return;
    signal == SIGHUP ? reload_->now() : drain_.start();
    await_signal();
  });
}

void Service::run() {
  log_info("listening", "deliveries are taken",
           {{"version", version()},
            {"address", config_.server.listen.host},
            {"port", delivery_server_->port()},
            {"tls", !config_.tls.off},
            {"journal", journal_->id()}});
  runtime_.run();
}

// What was cut short may still be in use by other threads: the process ends where it stands, as in a crash,
// which the journal is made for.
void Service::end(bool clean) {
  if (!clean) std::_Exit(kExitOk);
  runtime_.stop();
}

}  // namespace cistern

#include "server/send/run_send.h"

#include <csignal>
#include <cstdio>
#include <iostream>
#include <random>

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "pipeline/store/https_client.h"
#include "server/io_clock.h"
#include "server/send/delivery_supply.h"
#include "server/send/made_up_lines.h"
#include "server/send/redrive_supply.h"
#include "server/send/sender.h"

namespace cistern {

namespace asio = boost::asio;

namespace {

HttpsClientOptions client_options(const SendOptions& options, HttpEndpoint endpoint) {
  HttpsClientOptions client;
  client.endpoint = std::move(endpoint);
  client.ca_file = options.ca_file;
  client.insecure = options.insecure;
  client.first_byte_ms = options.answer_timeout_ms;
  client.progress_ms = options.answer_timeout_ms;
  client.keep = 2 * options.connections;  // a repeat goes out beside the first try
  return client;
}

Result<std::unique_ptr<LogLines>> open_lines(const SendOptions& options) {
  if (options.files.empty()) return std::unique_ptr<LogLines>(new MadeUpLines(options.seed));
  return FileLines::open(options.files, options.events > 0 || options.duration_ms > 0);
}

// One run from start to end, all on the calling thread.
class Run {
 public:
  static Result<std::unique_ptr<Run>> make(const SendOptions& options);
  int to_end();

 private:
  explicit Run(const SendOptions& options) : options_(options) {}
  asio::awaitable<Sender::Delivery> next();
  void start_sender();
  void watch_signals();
  void show_progress();
  void tell(double seconds) const;
  double seconds() const { return static_cast<double>(clock_.steady_ns() - started_ns_) / 1e9; }

  const SendOptions& options_;
  asio::io_context io_{1};
  IoClock clock_{io_};
  std::string target_;
  std::unique_ptr<LogLines> lines_;
  std::unique_ptr<AcknowledgedFile> file_;
  std::unique_ptr<HttpsClient> client_;
  std::unique_ptr<DeliveryWriter> writer_;
  std::unique_ptr<DeliverySupply> supply_;
  std::unique_ptr<RedriveSupply> redrive_;  // instead of the supply and what it takes
  std::unique_ptr<Sender> sender_;
  SendReport report_;
  asio::signal_set signals_{io_, SIGINT, SIGTERM};
  int64_t started_ns_ = 0;
  const bool progress_ = isatty(STDERR_FILENO) == 1;
};

Result<std::unique_ptr<Run>> Run::make(const SendOptions& options) {
  std::unique_ptr<Run> run(new Run(options));
  CISTERN_TRY(HttpUrl url, parse_http_url(options.url));
  run->target_ = url.target;
  CISTERN_TRY(run->client_, HttpsClient::make(client_options(options, url.endpoint), run->clock_,
                                              run->io_.get_executor(), run->io_.get_executor()));
  if (options.redrive) {
    run->redrive_ = std::make_unique<RedriveSupply>(options);
    return run;
  }
  CISTERN_TRY(run->lines_, open_lines(options));
  if (!options.acknowledged.empty()) {
    CISTERN_TRY(run->file_, AcknowledgedFile::open(options.acknowledged));
  }
  std::random_device random;
  const uint64_t identity = uint64_t{random()} << 32 | random();
  run->writer_ = std::make_unique<DeliveryWriter>(options, *run->lines_, identity);
  run->supply_ = std::make_unique<DeliverySupply>(*run->writer_, run->clock_);
  return run;
}

asio::awaitable<Sender::Delivery> Run::next() {
  if (redrive_) co_return redrive_->next();
  co_return co_await supply_->next();
}

void Run::start_sender() {
  Sender::Parts parts{
      io_.get_executor(),
      clock_,
      [this] { return next(); },
      [this](Sender::Delivery delivery) { return client_->request(request_of(*delivery, target_)); },
      report_,
      file_.get()};
  sender_ = std::make_unique<Sender>(options_, std::move(parts));
  started_ns_ = clock_.steady_ns();
  sender_->start([this] { io_.stop(); });
}

// The first signal ends the run in good order, a second one at once.
void Run::watch_signals() {
  signals_.async_wait([this](boost::system::error_code error, int) {
    if (error) return;
    std::fputs("\ncistern: stopping; once more to stop at once\n", stderr);
    sender_->stop();
    signals_.clear();
  });
}

void Run::show_progress() {
  if (options_.quiet) return;
  // A wrong address or key is told at once, not after all tries.
  for (const std::string& reason : report_.take_new_reasons())
    std::fprintf(stderr, "%snot taken: %.400s; tried again\n", progress_ ? "\r\x1b[K" : "", reason.c_str());
  if (progress_) std::fprintf(stderr, "\r%s\x1b[K", report_.progress(seconds()).c_str());
  clock_.after_ms(500, [this] { show_progress(); });
}

void Run::tell(double seconds) const {
  if (progress_ && !options_.quiet) std::fputs("\r\x1b[K", stderr);
  if (redrive_ && redrive_->broken())
    std::fprintf(stderr, "cistern redrive: %s\n", redrive_->broken()->what.c_str());
  if (sender_->broken()) std::fprintf(stderr, "cistern send: %s\n", sender_->broken()->what.c_str());
  if (options_.json) {
    std::cout << report_.json(seconds) << std::endl;
  } else if (!options_.quiet) {
    std::cout << report_.summary(seconds) << std::flush;
  }
}

int Run::to_end() {
  if (options_.prepare) {
    const uint64_t count = supply_->prepare();
    if (!options_.quiet)
      std::fprintf(stderr, "%llu deliveries prepared\n", static_cast<unsigned long long>(count));
  }
  start_sender();
  watch_signals();
  if (options_.duration_ms > 0) clock_.after_ms(options_.duration_ms, [this] { sender_->finish(); });
  show_progress();
  io_.run();
  tell(seconds());
  const bool broken = sender_->broken() || (redrive_ && redrive_->broken());
  return report_.all_acknowledged() && !broken ? 0 : 1;
}

}  // namespace

int run_send(const SendOptions& given) {
  SendOptions options = given;
  Result<> complete = complete_send_options(options);
  for (const std::string& warning : options.warnings)
    std::fprintf(stderr, "cistern send: %s\n", warning.c_str());
  Result<std::unique_ptr<Run>> run = complete ? Run::make(options) : complete.error();
  if (!run) {
    std::fprintf(stderr, "cistern send: %s\n", run.error().what.c_str());
    return 2;
  }
  return run.value()->to_end();
}

}  // namespace cistern

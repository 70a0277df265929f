// The benchmark's sender: deliveries made beforehand, over several TLS connections that stay open, every
// answer checked as Firehose checks it. Its last line is a summary in JSON.
//
//   bench-feed --url https://127.0.0.1:8443/ --ca cert.pem --access-key-file key --seconds 10 --lines json

#include <cstdio>
#include <iostream>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "bench/deliveries/cpu_time.h"
#include "bench/deliveries/fresh_delivery.h"
#include "bench/deliveries/shape.h"
#include "pipeline/store/https_client.h"
#include "server/io_clock.h"
#include "server/send/sender.h"

namespace cistern {
namespace {

namespace asio = boost::asio;

struct FeedOptions {
  Shape shape;
  double seconds = 0;  // 0: until `count`
  uint64_t count = 0;  // deliveries; 0: until `seconds`
  uint64_t partitions = 0;
  bool duplicates = false;
  bool gzip = false;
};

// Everything on one thread.
class Feed {
 public:
  explicit Feed(const FeedOptions& options) : options_(options) {}

  Result<> prepare() {
    const SendOptions& send = options_.shape.send;
    CISTERN_TRY(HttpUrl url, parse_http_url(send.url));
    target_ = url.target;
    HttpsClientOptions client;
    client.endpoint = url.endpoint;
    client.ca_file = send.ca_file;
    client.keep = send.connections;
    client.first_byte_ms = client.progress_ms = send.answer_timeout_ms;
    CISTERN_TRY(client_,
                HttpsClient::make(std::move(client), clock_, io_.get_executor(), io_.get_executor()));
    CISTERN_TRY(auto made, make_deliveries(options_.shape, clock_.wall_ms()));
    for (const auto& delivery : made) unique_events_ += delivery->events;
    fresh_ = std::make_unique<FreshDeliveries>(std::move(made), options_.gzip, options_.partitions);
    return ok();
  }

  bool run() {
    Sender sender(options_.shape.send,
                  {io_.get_executor(), clock_, [this]() { return next(); },
                   [this](Sender::Delivery delivery) { return post(std::move(delivery)); }, report_});
    started_ns_ = clock_.steady_ns();
    cpu_at_start_ = thread_cpu_seconds();
    sender.start([this] { io_.stop(); });
    if (options_.seconds > 0) {
      clock_.after_ms(static_cast<int64_t>(options_.seconds * 1e3), [&sender] { sender.finish(); });
    }
    io_.run();
    tell();
    return report_.all_acknowledged();
  }

 private:
  asio::awaitable<Sender::Delivery> next() {
    if (options_.count > 0 && given_ == options_.count) co_return nullptr;
    ++given_;
    co_return options_.duplicates ? fresh_->next_as_made() : fresh_->next();
  }

  asio::awaitable<Result<HttpResponse>> post(Sender::Delivery delivery) {
    const int64_t began_ns = clock_.steady_ns();
    auto response = co_await client_->request(request_of(*delivery, target_));
    latencies_ms_.push_back(static_cast<double>(clock_.steady_ns() - began_ns) * 1e-6);
    co_return response;
  }

  // `uniqueEvents`: what the archive is to hold, unless deliveries failed. `latenciesMs`: in the order in
  // which the answers came. `cpuSeconds`: while it sent.
  void tell() const {
    auto json =
        nlohmann::json::parse(report_.json(static_cast<double>(clock_.steady_ns() - started_ns_) / 1e9));
    json["uniqueEvents"] = options_.duplicates ? nlohmann::json(unique_events_) : json["acknowledgedEvents"];
    json["latenciesMs"] = latencies_ms_;
    json["cpuSeconds"] = thread_cpu_seconds() - cpu_at_start_;
    std::cout << json.dump() << std::endl;
  }

  const FeedOptions& options_;
  asio::io_context io_{1};
  IoClock clock_{io_};
  std::string target_;
  std::unique_ptr<HttpsClient> client_;
  std::unique_ptr<FreshDeliveries> fresh_;
  SendReport report_;
  std::vector<double> latencies_ms_;
  uint64_t given_ = 0;
  uint64_t unique_events_ = 0;
  int64_t started_ns_ = 0;
  double cpu_at_start_ = 0;
};

void add_options(CLI::App& command, FeedOptions& options) {
  SendOptions& send = options.shape.send;
  send.connections = 8;
  add_shape_options(command, options.shape);
  command.add_option("--url", send.url, "Where to")->capture_default_str();
  command.add_option("--ca", send.ca_file, "PEM file of the certificate to trust");
  command.add_option("--access-key-file", send.access_key_file, "File with the access key");
  command.add_option("--connections", send.connections, "Open connections")->capture_default_str();
  command.add_flag("--gzip", options.gzip, "Content-Encoding: gzip");
  command.add_option("--rate", send.rate, "Deliveries a second; 0: as fast as they are taken");
  command.add_option("--seconds", options.seconds, "How long");
  command.add_option("--count", options.count, "How many deliveries");
  command.add_option("--partitions", options.partitions, "Name so many partitions in {attribute:part}");
  command.add_flag("--duplicates", options.duplicates, "Send the deliveries made beforehand again and again");
}

int feed(FeedOptions& options) {
  if (auto complete = complete_send_options(options.shape.send); !complete) {
    std::fprintf(stderr, "bench-feed: %s\n", complete.error().what.c_str());
    return 2;
  }
  options.shape.send.events = 0;
  Feed run(options);
  if (auto prepared = run.prepare(); !prepared) {
    std::fprintf(stderr, "bench-feed: %s\n", prepared.error().what.c_str());
    return 2;
  }
  return run.run() ? 0 : 1;
}

}  // namespace
}  // namespace cistern

int main(int argc, char** argv) {
  CLI::App command("Feeds deliveries to a running cistern");
  cistern::FeedOptions options;
  cistern::add_options(command, options);
  CLI11_PARSE(command, argc, argv);
  if (options.seconds <= 0 && options.count == 0) options.seconds = 5;
  return cistern::feed(options);
}

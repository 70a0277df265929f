// A whole HTTP edge on a loopback port, with a pipeline that the test plays, and a client that sends raw
// bytes.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <prometheus/registry.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "handlers/firehose_handler.h"
#include "handlers/ops_handlers.h"
#include "handlers/router.h"
#include "pipeline/metrics.h"
#include "server/https_server.h"
#include "tests/temporary_folder.h"

namespace cistern::test {

inline constexpr int64_t kNowMs = 1'700'000'000'000;
inline constexpr std::string_view kNowText = "1700000000000";

class FixedClock : public Clock {
 public:
  int64_t wall_ms() const override { return kNowMs; }
  int64_t steady_ns() const override {
    return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
  }
  void after_ms(int64_t, std::function<void()>) override {}
};

// Answers with `outcome`, or keeps the question until release().
class PlayedIntake : public Intake {
 public:
  struct Seen {
    std::string request_id, key_name, source_arn;
    int64_t request_ms = 0;
    std::vector<std::string> records;
    std::vector<std::pair<std::string, std::string>> attributes;
  };

  void accept(Delivery delivery, OnAccepted done) override;
  Result<> ready() const override;

  void answer_with(Result<> outcome);
  void be_ready(Result<> ready);
  void hold();
  void release();  // answers what was held, with success
  std::vector<Seen> seen() const;
  void wait_for(size_t deliveries) const;

 private:
  mutable std::mutex mutex_;
  Result<> outcome_ = ok();
  Result<> ready_ = ok();
  bool hold_ = false;
  std::vector<std::pair<Delivery, OnAccepted>> held_;
  std::vector<Seen> seen_;
};

// A certificate and its key in PEM files that are removed with it.
class CertificateFiles {
 public:
  explicit CertificateFiles(const std::string& common_name);
  void replace(const std::string& common_name);  // both files
  TlsConfig config() const { return {false, folder_ / "cert.pem", folder_ / "key.pem"}; }

 private:
  TemporaryFolder folder_;
};

struct EdgeOptions {
  bool tls = false;
  ServerConfig server;
  Limits limits;
  std::vector<AccessKey> keys{{"old", "secret-old"}, {"new", "secret-new"}};
};

inline EdgeOptions over_tls() {
  EdgeOptions options;
  options.tls = true;
  return options;
}

class Edge {
 public:
  explicit Edge(EdgeOptions options = {});
  ~Edge();  // drains; fails the test when connections stay

  uint16_t port() const { return server_->port(); }
  HttpsServer& server() { return *server_; }
  const std::string& metrics_page();

  PlayedIntake intake;
  prometheus::Registry registry;
  Metrics metrics{registry};
  std::unique_ptr<CertificateFiles> certificate;
  std::unique_ptr<Tls> tls;
  Latest<AccessKeys> keys;

 private:
  void drain();

  FixedClock clock_;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
  boost::asio::thread_pool workers_;
  WorkerQueue queue_;
  Admission admission_;
  Latest<Limits> limits_;
  FirehoseContext context_;
  FirehoseHandler firehose_;
  OpsHandler ops_;
  Router router_;
  std::unique_ptr<HttpsServer> server_;
  std::vector<std::thread> threads_;
  std::string page_;
};

struct WireReply {
  int status = 0;
  std::string head;
  std::string body;
  bool has(std::string_view header_line) const { return head.find(header_line) != head.npos; }
};

// Blocking, with a receive time-out of ten seconds. Writing to a closed peer is no error here.
class RawClient {
 public:
  RawClient(uint16_t port, bool tls, int max_tls_version = 0);
  ~RawClient();
  RawClient(RawClient&&) = delete;

  bool handshake_ok() const { return handshake_ok_; }
  SSL* ssl() { return ssl_; }
  bool send(std::string_view bytes);
  // Nothing when the connection ended before a whole reply.
  std::optional<WireReply> receive(bool head_only = false);
  bool at_end();  // the peer ended the connection, cleanly (no reset)
  void close();

 private:
  bool fill();

  int fd_ = -1;
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
  bool handshake_ok_ = true;
  bool reset_ = false;
  std::string unread_;
};

std::string gzip(std::string_view text);
std::string document(std::string_view id, std::string_view records = R"([{"data":"aGVsbG8="}])");

// A request as Firehose sends it; `change` edits the head's lines by their name.
struct RequestText {
  std::string line = "POST /firehose HTTP/1.1";
  std::vector<std::pair<std::string, std::string>> fields{
      {"Host", "cistern.example"},
      {"X-Amz-Firehose-Protocol-Version", "1.0"},
      {"X-Amz-Firehose-Request-Id", "id-1"},
      {"X-Amz-Firehose-Source-Arn", "arn:aws:firehose:us-east-1:123456789012:deliverystream/s"},
      {"X-Amz-Firehose-Access-Key", "secret-old"},
      {"Content-Type", "application/json"},
  };
  std::string body = document("id-1");
  bool with_length = true;

  RequestText& set(const std::string& name, const std::string& value);
  RequestText& drop(const std::string& name);
  RequestText& add(const std::string& name, const std::string& value);
  std::string text() const;
};

std::string accepted(std::string_view id = "id-1");
std::string refused(std::string_view why, std::string_view id = "id-1");

// An ordinary delivery.
RequestText delivery();
// The head of a delivery that announces `bytes` of body, which the test sends or not.
std::string announcing(uint64_t bytes, RequestText request = {});
// A new connection's delivery is accepted.
void expect_serves(Edge& edge, bool tls = false);

class PlainOrTls : public testing::TestWithParam<bool> {
 protected:
  EdgeOptions options() const { return GetParam() ? over_tls() : EdgeOptions(); }
};

}  // namespace cistern::test

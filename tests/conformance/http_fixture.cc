// See http_fixture.h.
#include "tests/conformance/http_fixture.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "pipeline/codec.h"

namespace cistern::test {

// ---- The pipeline that the test plays

void PlayedIntake::accept(Delivery delivery, OnAccepted done) {
  std::unique_lock lock(mutex_);
  Seen seen{delivery.request_id,       delivery.access_key_name, delivery.source_arn, delivery.request_ms, {},
            delivery.common_attributes};
  seen.records.assign(delivery.records.begin(), delivery.records.end());
  seen_.push_back(std::move(seen));
  if (hold_) {
    held_.push_back({std::move(delivery), std::move(done)});
    return;
  }
  auto outcome = outcome_;
  lock.unlock();
  delivery = {};
  done(outcome);
}

Result<> PlayedIntake::ready() const {
  std::lock_guard lock(mutex_);
  return ready_;
}
void PlayedIntake::answer_with(Result<> outcome) {
  std::lock_guard lock(mutex_);
  outcome_ = std::move(outcome);
}
void PlayedIntake::be_ready(Result<> ready) {
  std::lock_guard lock(mutex_);
  ready_ = std::move(ready);
}
void PlayedIntake::hold() {
  std::lock_guard lock(mutex_);
  hold_ = true;
}
void PlayedIntake::release() {
  std::unique_lock lock(mutex_);
  hold_ = false;
  auto held = std::exchange(held_, {});
  lock.unlock();
  for (auto& [delivery, done] : held) {
    delivery = {};
    done(ok());
  }
}
std::vector<PlayedIntake::Seen> PlayedIntake::seen() const {
  std::lock_guard lock(mutex_);
  return seen_;
}
void PlayedIntake::wait_for(size_t deliveries) const {
  for (int i = 0; i < 5000 && seen().size() < deliveries; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  ASSERT_GE(seen().size(), deliveries);
}

// ---- Certificates

CertificateFiles::CertificateFiles(const std::string& common_name) { replace(common_name); }

void CertificateFiles::replace(const std::string& common_name) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_sign(certificate, key, EVP_sha256());
  FILE* file = std::fopen(config().certificate.c_str(), "w");
  PEM_write_X509(file, certificate);
  std::fclose(file);
  file = std::fopen(config().private_key.c_str(), "w");
  PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
  X509_free(certificate);
  EVP_PKEY_free(key);
}

// ---- The edge

Edge::Edge(EdgeOptions options)
    : keys(std::make_shared<AccessKeys>(options.keys.empty() ? AccessKeys::none()
                                                             : AccessKeys::make(options.keys).value())),
      guard_(io_.get_executor()),
      workers_(2),
      queue_(workers_.get_executor()),
      admission_(options.limits.in_flight_bytes, clock_, metrics.in_flight_bytes),
      limits_(std::make_shared<const Limits>(options.limits)),
      context_{limits_, intake, admission_, queue_, clock_, metrics},
      firehose_(context_, keys),
      ops_({{"journal", [this] { return intake.ready(); }}}, registry, clock_),
      router_({{"/", &firehose_},
               {"/firehose", &firehose_},
               {"/livez", &ops_},
               {"/readyz", &ops_},
               {"/metrics", &ops_}},
              firehose_, clock_, &metrics) {
  if (options.tls) {
    certificate = std::make_unique<CertificateFiles>("first");
    tls = std::move(Tls::load(certificate->config()).value());
  }
  options.server.listen = {"127.0.0.1", 0};
  server_ =
      std::move(HttpsServer::listen({io_, options.server.listen, options.server,
                                     options.limits.long_head_bytes, tls.get(), router_, clock_, &metrics})
                    .value());
  for (int i = 0; i < 2; ++i) threads_.emplace_back([this] { io_.run(); });
}

Edge::~Edge() {
  intake.release();
  drain();
  workers_.join();
  io_.stop();
  for (auto& thread : threads_) thread.join();
}

void Edge::drain() {
  auto drained = std::make_shared<std::promise<void>>();
  server_->stop_accepting([drained] { drained->set_value(); });
  EXPECT_EQ(drained->get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready)
      << "connections are left after a drain";
}

const std::string& Edge::metrics_page() {
  RawClient client(port(), tls != nullptr);
  client.send("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n");
  page_ = client.receive().value_or(WireReply()).body;
  return page_;
}

// ---- The client

RawClient::RawClient(uint16_t port, bool tls, int max_tls_version) {
  signal(SIGPIPE, SIG_IGN);
  fd_ = socket(AF_INET, SOCK_STREAM, 0);
  timeval timeout{10, 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) handshake_ok_ = false;
  if (!tls) return;
  context_ = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_security_level(context_, 0);
  SSL_CTX_set_min_proto_version(context_, TLS1_VERSION);
  if (max_tls_version != 0) SSL_CTX_set_max_proto_version(context_, max_tls_version);
  ssl_ = SSL_new(context_);
  SSL_set_fd(ssl_, fd_);
  handshake_ok_ = handshake_ok_ && SSL_connect(ssl_) == 1;
}

RawClient::~RawClient() {
  close();
  SSL_free(ssl_);
  SSL_CTX_free(context_);
}

void RawClient::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t sent = ssl_ != nullptr ? SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()))
                                   : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(sent);
  }
  return true;
}

bool RawClient::fill() {
  char piece[16384];
  ssize_t got = ssl_ != nullptr ? SSL_read(ssl_, piece, sizeof piece) : recv(fd_, piece, sizeof piece, 0);
  if (got > 0) {
    unread_.append(piece, got);
    return true;
  }
  reset_ = ssl_ != nullptr ? SSL_get_error(ssl_, static_cast<int>(got)) != SSL_ERROR_ZERO_RETURN : got < 0;
  return false;
}

std::optional<WireReply> RawClient::receive(bool head_only) {
  size_t end;
  while ((end = unread_.find("\r\n\r\n")) == std::string::npos)
    if (!fill()) return std::nullopt;
  WireReply reply;
  reply.head = unread_.substr(0, end + 4);
  reply.status = std::atoi(reply.head.c_str() + 9);
  size_t size = 0;
  if (size_t at = reply.head.find("Content-Length: "); at != std::string::npos && !head_only)
    size = std::strtoul(reply.head.c_str() + at + 16, nullptr, 10);
  while (unread_.size() < end + 4 + size)
    if (!fill()) return std::nullopt;
  reply.body = unread_.substr(end + 4, size);
  unread_.erase(0, end + 4 + size);
  return reply;
}

bool RawClient::at_end() {
  while (unread_.empty() && fill()) {
  }
  return unread_.empty() && !reset_;
}

// ---- Bytes

std::string gzip(std::string_view text) {
  Buffer out;
  Gzip().run(text, Level{6}, out);
  return std::string(out.view());
}

std::string document(std::string_view id, std::string_view records) {
  return R"({"requestId":")" + std::string(id) + R"(","timestamp":1600000000000,"records":)" +
         std::string(records) + "}";
}

RequestText& RequestText::drop(const std::string& name) {
  std::erase_if(fields, [&](const auto& field) { return field.first == name; });
  return *this;
}
RequestText& RequestText::add(const std::string& name, const std::string& value) {
  fields.emplace_back(name, value);
  return *this;
}
RequestText& RequestText::set(const std::string& name, const std::string& value) {
  return drop(name).add(name, value);
}
std::string RequestText::text() const {
  std::string text = line + "\r\n";
  for (const auto& [name, value] : fields) text.append(name).append(": ").append(value).append("\r\n");
  if (with_length) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return text + "\r\n" + body;
}

std::string accepted(std::string_view id) {
  return R"({"requestId":")" + std::string(id) + R"(","timestamp":)" + std::string(kNowText) + "}";
}
std::string refused(std::string_view why, std::string_view id) {
  return R"({"requestId":")" + std::string(id) + R"(","timestamp":)" + std::string(kNowText) +
         R"(,"errorMessage":")" + std::string(why) + R"("})";
}

RequestText delivery() { return {}; }

std::string announcing(uint64_t bytes, RequestText request) {
  request.with_length = false;
  request.body.clear();
  return request.add("Content-Length", std::to_string(bytes)).text();
}

void expect_serves(Edge& edge, bool tls) {
  RawClient client(edge.port(), tls);
  client.send(delivery().text());
  auto reply = client.receive();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, accepted());
}

}  // namespace cistern::test

// HttpsClient's TLS and proxies against a scripted peer with a certificate of its own.
#include "pipeline/store/https_client.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/conformance/scripted_peer.h"
#include "tests/conformance/store_rig.h"
#include "tests/temporary_folder.h"

namespace cistern::store_rig {
namespace {

constexpr const char* kStored = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

class ClientTls : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string command =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
        " -addext subjectAltName=DNS:localhost -keyout " +
        file("key.pem") + " -out " + file("certificate.pem") + " 2>/dev/null";
    ASSERT_EQ(0, std::system(command.c_str()));
    serve({answering(2)});
  }
  std::string file(const char* name) const { return folder_.path() + "/" + name; }

  // One connection, with so many requests.
  static ScriptedPeer::Script answering(int requests) {
    return [requests](PeerConnection& connection) {
      for (int i = 0; i < requests; ++i) {
        connection.read_request();
        connection.write(kStored);
      }
    };
  }
  void serve(std::vector<ScriptedPeer::Script> scripts, const std::string& connect_answer = "") {
    peer_ = std::make_unique<ScriptedPeer>(
        std::move(scripts),
        ScriptedPeer::Certificate{file("certificate.pem"), file("key.pem"), connect_answer});
  }

  Result<std::unique_ptr<HttpsClient>> client(const std::string& host, const std::string& ca_file) {
    HttpsClientOptions options;
    options.endpoint = {true, host, peer_->port()};
    options.ca_file = ca_file;
    return HttpsClient::make(options, clock_, executors_.io(), executors_.workers());
  }
  // To a server that only the proxy knows.
  Result<std::unique_ptr<HttpsClient>> proxied_client(const std::string& authorization = "") {
    HttpsClientOptions options;
    options.endpoint = {true, "localhost", 9};
    options.ca_file = file("certificate.pem");
    options.proxy = HttpProxy{{false, "127.0.0.1", peer_->port()}, authorization};
    return HttpsClient::make(options, clock_, executors_.io(), executors_.workers());
  }
  Result<HttpResponse> send(HttpsClient& client, size_t body_size = 2'000'000) {
    HttpRequest request;
    request.method = "PUT";
    request.target = "/";
    request.body = bytes_in_memory(std::string(body_size, 'x'));
    request.body_size = body_size;
    return executors_.run(client.request(std::move(request)));
  }

  const TemporaryFolder folder_;
  std::unique_ptr<ScriptedPeer> peer_;
  Executors executors_;
  RealClock clock_;
};

TEST_F(ClientTls, ATrustedServerIsSpokenTo) {
  auto trusting = client("localhost", file("certificate.pem"));
  ASSERT_TRUE(trusting) << trusting.error().what;
  for (int i = 0; i < 2; ++i) {
    auto answered = send(*trusting.value());
    ASSERT_TRUE(answered) << answered.error().what;
    EXPECT_EQ(200u, answered.value().status);
  }
  EXPECT_EQ(1u, peer_->connections());
}

// The answer may be here before the system has told that the last bytes were taken.
TEST_F(ClientTls, AnAnswerThatComesAtOnceIsTaken) {
  constexpr int kConnections = 40;
  serve(std::vector<ScriptedPeer::Script>(kConnections, answering(3)));
  for (int i = 0; i < kConnections; ++i) {
    auto trusting = client("localhost", file("certificate.pem"));
    for (int k = 0; k < 3; ++k) {
      auto answered = send(*trusting.value(), 20);
      ASSERT_TRUE(answered) << "connection " << i << ": " << answered.error().what;
    }
  }
  EXPECT_EQ(kConnections, static_cast<int>(peer_->connections()));
}

TEST_F(ClientTls, AStrangeAuthorityIsRefused) {
  auto trusting = client("localhost", "");
  auto answered = send(*trusting.value());
  ASSERT_FALSE(answered);
  EXPECT_EQ(ErrorKind::fatal, answered.error().kind);
  EXPECT_NE(std::string::npos, answered.error().what.find("is not trusted")) << answered.error().what;
}

TEST_F(ClientTls, AnotherHostsCertificateIsRefused) {
  auto trusting = client("127.0.0.1", file("certificate.pem"));
  auto answered = send(*trusting.value());
  ASSERT_FALSE(answered);
  EXPECT_EQ(ErrorKind::fatal, answered.error().kind) << answered.error().what;
}

TEST_F(ClientTls, ANewConnectionResumesTheSession) {
  std::vector<bool> resumed;
  const ScriptedPeer::Script once = [&resumed](PeerConnection& connection) {
    resumed.push_back(connection.resumed());
    connection.read_request();
    connection.write(kStored);
  };
  serve({once, once, once});
  auto trusting = client("localhost", file("certificate.pem"));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(send(*trusting.value()));
  EXPECT_EQ(3u, peer_->connections());
  EXPECT_EQ((std::vector<bool>{false, true, true}), resumed);
}

TEST_F(ClientTls, AProxyIsAskedForTheServerAndTlsGoesThrough) {
  serve({answering(2)}, "HTTP/1.1 200 Connection established\r\n\r\n");
  auto through = proxied_client("Basic dXNlcjpwQHNz");
  for (int i = 0; i < 2; ++i) {
    auto answered = send(*through.value());
    ASSERT_TRUE(answered) << answered.error().what;
    EXPECT_EQ(200u, answered.value().status);
  }
  EXPECT_EQ(1u, peer_->connections());
  EXPECT_EQ(
      "CONNECT localhost:9 HTTP/1.1\r\nHost: localhost:9\r\nProxy-Authorization: Basic dXNlcjpwQHNz\r\n\r\n",
      peer_->connect_head());
}

TEST_F(ClientTls, AProxyThatRefusesIsNamedWithoutItsPassword) {
  const std::pair<const char*, ErrorKind> answers[] = {
      {"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", ErrorKind::fatal},
      {"HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nsorry", ErrorKind::fatal},
      {"HTTP/1.1 502 Bad Gateway\r\n\r\n", ErrorKind::retry},
      {"nonsense\r\n\r\n", ErrorKind::retry},
  };
  for (const auto& [answer, kind] : answers) {
    serve({answering(1)}, answer);
    auto answered = send(*proxied_client("Basic hush").value());
    ASSERT_FALSE(answered);
    EXPECT_EQ(kind, answered.error().kind) << answered.error().what;
    EXPECT_NE(std::string::npos, answered.error().what.find("proxy")) << answered.error().what;
    EXPECT_EQ(std::string::npos, answered.error().what.find("hush")) << answered.error().what;
  }
}

TEST_F(ClientTls, AServerOrProxyThatSaysNothingMeetsTheConnectDeadline) {
  for (const bool through_proxy : {false, true}) {
    peer_ = std::make_unique<ScriptedPeer>(
        std::vector<ScriptedPeer::Script>{[](PeerConnection& connection) { connection.read_to_end(); }});
    HttpsClientOptions options;
    options.endpoint = {true, "localhost", peer_->port()};
    if (through_proxy) options.proxy = HttpProxy{{false, "127.0.0.1", peer_->port()}, ""};
    options.ca_file = file("certificate.pem");
    options.connect_ms = 100;
    auto client = HttpsClient::make(options, clock_, executors_.io(), executors_.workers());
    auto answered = send(*client.value());
    ASSERT_FALSE(answered);
    EXPECT_EQ(ErrorKind::retry, answered.error().kind) << answered.error().what;
    EXPECT_NE(std::string::npos, answered.error().what.find("timed out")) << answered.error().what;
  }
}

TEST_F(ClientTls, ACaFileMustBeOne) {
  EXPECT_FALSE(client("localhost", file("key.pem")));
  EXPECT_FALSE(client("localhost", file("missing.pem")));
}

}  // namespace
}  // namespace cistern::store_rig

// Over a real socket, with anonymous keys.
#include "server/tls_transport.h"

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace cistern {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr size_t kPieceBytes = size_t{16} << 10;

void be_anonymous(SSL_CTX* context) {
  SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, "AECDH@SECLEVEL=0");
}

// Writes until `most` bytes are sent, or for a second no more are taken; how many it sent.
size_t send_unread(int socket, size_t most) {
  const timeval second{1, 0};
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &second, sizeof second);
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()),
                                                                  SSL_CTX_free);
  be_anonymous(context.get());
  const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context.get()), SSL_free);
  SSL_set_fd(tls.get(), socket);
  const std::string piece(kPieceBytes, 'x');
  size_t sent = 0;
  if (SSL_connect(tls.get()) != 1) return 0;
  while (sent < most && SSL_write(tls.get(), piece.data(), static_cast<int>(piece.size())) > 0)
    sent += piece.size();
  return sent;
}

class TlsTransportTest : public testing::Test {
 protected:
  TlsTransportTest() {
    be_anonymous(context_.native);
    tcp::acceptor acceptor(io_, {asio::ip::address_v4::loopback(), 0});
    peer_.connect(acceptor.local_endpoint());
    transport_ = make_tls_transport(acceptor.accept(), context_);
  }

  // Until nobody has anything to do.
  void run() {
    io_.restart();
    io_.run();
  }

  asio::io_context io_{1};
  TlsContext context_;
  tcp::socket peer_{io_};
  std::unique_ptr<Transport> transport_;
};

// Whatever waits for the same thread gets it within 256 KiB, by however small pieces they are read.
TEST_F(TlsTransportTest, OthersHaveTheirTurnThoughMoreHasCome) {
  size_t sent = 0, received = 0, seen = 0, most_in_a_turn = 0;
  std::thread sender([&] { sent = send_unread(peer_.native_handle(), size_t{1} << 20); });
  asio::co_spawn(io_, transport_->handshake(), asio::detached);
  run();
  sender.join();
  if (sent < size_t{768} << 10) GTEST_SKIP() << "the kernel holds " << sent << " bytes of a socket unread";

  asio::co_spawn(
      io_,
      [&]() -> asio::awaitable<void> {
        std::vector<char> into(kPieceBytes);
        while (received < sent) received += (co_await transport_->read_some(asio::buffer(into))).bytes;
      },
      asio::detached);
  asio::co_spawn(
      io_,
      [&]() -> asio::awaitable<void> {
        while (seen < sent) {
          most_in_a_turn = std::max(most_in_a_turn, received - seen);
          seen = received;
          co_await asio::post(io_, kTuple);
        }
      },
      asio::detached);
  run();
  EXPECT_EQ(received, sent);
  EXPECT_LT(most_in_a_turn, (size_t{256} << 10) + kPieceBytes);
}

}  // namespace
}  // namespace cistern

// See tls_transport.h. The only file of the server that includes TLS streams. Owned by the HTTP edge.
#include "server/tls_transport.h"

#include <algorithm>
#include <cerrno>
#include <new>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/error.hpp>

namespace cistern {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::ip::tcp;
using boost::system::error_code;

constexpr size_t kSocketReadBytes = size_t{64} << 10;  // some four records
// After so many bytes without waiting for more, other connections have their turn.
constexpr size_t kTurnBytes = size_t{256} << 10;

int socket_of(BIO* bio) { return static_cast<tcp::socket*>(BIO_get_data(bio))->native_handle(); }

// As OpenSSL's own BIO of a socket, but for the signal that writing to a peer that has gone would raise.
int receive(BIO* bio, char* into, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t got = ::recv(socket_of(bio), into, static_cast<size_t>(size), 0);
  if (got < 0 && BIO_sock_should_retry(-1)) BIO_set_retry_read(bio);
  return static_cast<int>(got);
}

int transmit(BIO* bio, const char* from, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t sent = ::send(socket_of(bio), from, static_cast<size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && BIO_sock_should_retry(-1)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

long control(BIO*, int what, long, void*) { return what == BIO_CTRL_FLUSH ? 1 : 0; }

const BIO_METHOD* socket_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    if (made == nullptr) throw std::bad_alloc();
    BIO_meth_set_read(made, receive);
    BIO_meth_set_write(made, transmit);
    BIO_meth_set_ctrl(made, control);
    return made;
  }();
  return method;
}

struct Freed {
  void operator()(SSL* tls) const { SSL_free(tls); }
};

class TlsTransport : public Transport {
 public:
  TlsTransport(tcp::socket socket, const TlsContext& context)
      : socket_(std::move(socket)), tls_(SSL_new(context.native)) {
    BIO* bio = tls_ == nullptr ? nullptr : BIO_new(socket_method());
    if (bio == nullptr) throw std::bad_alloc();
    BIO_set_data(bio, &socket_);
    BIO_set_init(bio, 1);
    SSL_set_bio(tls_.get(), bio, bio);
    SSL_set_read_ahead(tls_.get(), 1);
    SSL_set_default_read_buffer_len(tls_.get(), kSocketReadBytes);
  }

  awaitable<error_code> handshake() override {
    error_code error;
    socket_.non_blocking(true, error);
    if (error) co_return error;
    co_return co_await finish([this] { return SSL_accept(tls_.get()); });
  }

  awaitable<Received> read_some(asio::mutable_buffer into) override {
    Received received;
    const size_t most = std::min(into.size(), kTurnBytes);
    while (received.bytes < most) {
      char* const to = static_cast<char*>(into.data()) + received.bytes;
      size_t got = 0;
      if (attempt([&] { return SSL_read_ex(tls_.get(), to, most - received.bytes, &got); })) {
        received.bytes += got;
        continue;
      }
      if (received.bytes > 0) break;  // an error comes again
      turn_bytes_ = 0;
      received.error = co_await wait_or_fail();
      if (received.error) co_return received;
    }
    turn_bytes_ += received.bytes;
    if (turn_bytes_ >= kTurnBytes) {
      turn_bytes_ = 0;
      co_await asio::post(socket_.get_executor(), kTuple);
    }
    co_return received;
  }

  awaitable<error_code> write(std::string_view bytes) override {
    size_t written = 0;  // all or nothing: SSL_MODE_ENABLE_PARTIAL_WRITE is off
    if (bytes.empty()) co_return error_code();
    co_return co_await finish([&] { return SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &written); });
  }

  // Ours is out; the peer's own close_notify is not waited for.
  awaitable<void> end_writing() override {
    co_await finish([this] { return SSL_shutdown(tls_.get()) < 0 ? -1 : 1; });
  }

  tcp::socket& socket() override { return socket_; }

 private:
  // One call of OpenSSL. Not done: then why_ and failure_ say why.
  template <class Call>
  bool attempt(Call call) {
    ERR_clear_error();  // SSL_get_error takes what others left in the thread's queue for its own
    errno = 0;
    const int outcome = call();
    if (outcome > 0) return true;
    why_ = SSL_get_error(tls_.get(), outcome);
    failure_ = failure();
    return false;
  }

  // Calls until it is done, waiting for the socket in between.
  template <class Call>
  awaitable<error_code> finish(Call call) {
    while (!attempt(call)) {
      if (auto error = co_await wait_or_fail(); error) co_return error;
    }
    co_return error_code();
  }

  awaitable<error_code> wait_or_fail() {
    if (why_ != SSL_ERROR_WANT_READ && why_ != SSL_ERROR_WANT_WRITE) co_return failure_;
    auto [error] = co_await socket_.async_wait(
        why_ == SSL_ERROR_WANT_READ ? tcp::socket::wait_read : tcp::socket::wait_write, kTuple);
    co_return error;
  }

  error_code failure() const {
    if (const unsigned long code = ERR_peek_last_error(); code != 0)
      return {static_cast<int>(code), asio::error::get_ssl_category()};
    if (why_ == SSL_ERROR_SYSCALL && errno != 0) return {errno, boost::system::system_category()};
    return asio::error::eof;
  }

  tcp::socket socket_;
  const std::unique_ptr<SSL, Freed> tls_;
  size_t turn_bytes_ = 0;     // received since it last waited
  int why_ = SSL_ERROR_NONE;  // of the last call that was not done
  error_code failure_;
};

}  // namespace

std::unique_ptr<Transport> make_tls_transport(tcp::socket socket, const TlsContext& context) {
  return std::make_unique<TlsTransport>(std::move(socket), context);
}

}  // namespace cistern

// See https_server.h. Owned by the HTTP edge.
#include "server/https_server.h"

#include <chrono>
#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>

#include "pipeline/log.h"
#include "server/connection.h"
#include "server/open_connections.h"
#include "server/tls_transport.h"

namespace cistern {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::ip::tcp;
using boost::system::error_code;

class PlainTransport : public Transport {
 public:
  explicit PlainTransport(tcp::socket socket) : socket_(std::move(socket)) {}
  awaitable<error_code> handshake() override { co_return error_code(); }
  awaitable<Received> read_some(asio::mutable_buffer into) override {
    auto [error, bytes] = co_await socket_.async_read_some(into, kTuple);
    co_return Received{error, bytes};
  }
  awaitable<error_code> write(std::string_view bytes) override {
    auto [error, written] = co_await asio::async_write(socket_, asio::buffer(bytes), kTuple);
    co_return error;
  }
  awaitable<void> end_writing() override { co_return; }
  tcp::socket& socket() override { return socket_; }

 private:
  tcp::socket socket_;
};

}  // namespace

struct HttpsServer::State : std::enable_shared_from_this<HttpsServer::State> {
  explicit State(const Setup& setup)
      : io(setup.io),
        acceptor(asio::make_strand(setup.io)),
        tls(setup.tls),
        context(setup.limits, setup.long_head_bytes, setup.handler, setup.clock, setup.metrics),
        connections(setup.limits.connections) {}

  Result<> bind(const Endpoint& endpoint);
  awaitable<void> accept_all();
  void welcome(tcp::socket socket);
  std::shared_ptr<Connection> admit(tcp::socket socket);
  void leave(const std::shared_ptr<Connection>& connection);
  void stop(std::function<void()> drained);
  void count(const char* outcome);

  asio::io_context& io;
  tcp::acceptor acceptor;  // on its own strand
  const Tls* tls;
  ConnectionContext context;
  OpenConnections connections;
};

Result<> HttpsServer::State::bind(const Endpoint& endpoint) {
  error_code error;
  auto found = tcp::resolver(io).resolve(endpoint.host, std::to_string(endpoint.port),
                                         tcp::resolver::passive | tcp::resolver::numeric_service, error);
  if (!error && !found.empty()) {
    tcp::endpoint address = *found.begin();
    acceptor.open(address.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor.bind(address, error);
    if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
  }
  if (error)
    return fatal("cannot listen on " + endpoint.host + ":" + std::to_string(endpoint.port) + ": " +
                 error.message());
  return ok();
}

awaitable<void> HttpsServer::State::accept_all() {
  asio::steady_timer pause(acceptor.get_executor());
  while (acceptor.is_open()) {
    auto [error, socket] =
        co_await acceptor.async_accept(asio::any_io_executor(asio::make_strand(io)), kTuple);
    if (!acceptor.is_open()) break;
    if (!error) {
      welcome(std::move(socket));
      continue;
    }
    // Out of file descriptors, mostly: connections wait in the kernel's queue until some are free.
    log_warning("accept_failed", error.message());
    pause.expires_after(std::chrono::milliseconds(100));
    co_await pause.async_wait(kTuple);
  }
}

void HttpsServer::State::welcome(tcp::socket socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  auto strand = socket.get_executor();
  auto connection = admit(std::move(socket));
  if (connection == nullptr) return;
  // Begun through the strand: nothing of a connection runs here.
  asio::co_spawn(
      strand, [connection] { return connection->run(); },
      [self = shared_from_this(), connection](std::exception_ptr failure) {
        try {
          if (failure) std::rethrow_exception(failure);
        } catch (const std::exception& e) {
          log_error("connection_failed", e.what());
        }
        self->leave(connection);
      });
}

// Over the limit, a connection over which no right access key has come makes room. Where there is none, a
// number of connections is still taken so far that their request can be answered in the right shape; beyond,
// they are closed at once, which Firehose retries as well. Null: closed.
std::shared_ptr<Connection> HttpsServer::State::admit(tcp::socket socket) {
  const auto room = connections.make_room();
  if (room == OpenConnections::Room::dropped_one) count("dropped_stranger");
  const bool too_many = room == OpenConnections::Room::over || room == OpenConnections::Room::far_over;
  count(too_many ? "refused_limit" : "accepted");
  if (too_many)
    log_warning("connection_refused", "at the limit of connections",
                {{"limit", context.limits.get()->connections}});
  if (room == OpenConnections::Room::far_over) return nullptr;
  std::unique_ptr<Transport> transport;
  if (tls == nullptr)
    transport = std::make_unique<PlainTransport>(std::move(socket));
  else
    transport = make_tls_transport(std::move(socket), *tls->context());
  auto connection = std::make_shared<Connection>(std::move(transport), context, too_many);
  connections.add(connection, room);
  if (context.metrics != nullptr) context.metrics->connections.Increment();
  return connection;
}

void HttpsServer::State::leave(const std::shared_ptr<Connection>& connection) {
  if (context.metrics != nullptr) context.metrics->connections.Decrement();
  connections.remove(connection);
}

void HttpsServer::State::stop(std::function<void()> drained) {
  asio::post(acceptor.get_executor(), [self = shared_from_this(), drained = std::move(drained)] {
    error_code ignored;
    self->acceptor.close(ignored);
    self->context.draining = true;
    self->connections.drain([&io = self->io, drained] { asio::post(io, drained); });
  });
}

void HttpsServer::State::count(const char* outcome) {
  if (context.metrics != nullptr) context.metrics->connections_total.of(outcome).Increment();
}

HttpsServer::HttpsServer(std::shared_ptr<State> state) : state_(std::move(state)) {}
HttpsServer::~HttpsServer() {
  asio::post(state_->acceptor.get_executor(), [state = state_] {
    error_code ignored;
    state->acceptor.close(ignored);
  });
}

Result<std::unique_ptr<HttpsServer>> HttpsServer::listen(const Setup& setup) {
  auto state = std::make_shared<State>(setup);
  CISTERN_TRY(state->bind(setup.listen));
  asio::co_spawn(
      state->acceptor.get_executor(), [state] { return state->accept_all(); },
      [state](std::exception_ptr failure) {
        if (failure) log_error("accept_failed", "the listener ended unexpectedly");
      });
  return std::unique_ptr<HttpsServer>(new HttpsServer(std::move(state)));
}

uint16_t HttpsServer::port() const {
  error_code ignored;
  return state_->acceptor.local_endpoint(ignored).port();
}

void HttpsServer::use(const ServerConfig& limits, uint64_t long_head_bytes) {
  state_->connections.use(limits.connections);
  state_->context.limits.set(std::make_shared<const ServerConfig>(limits));
  state_->context.long_heads.set_capacity(long_head_bytes);
}

void HttpsServer::stop_accepting(std::function<void()> drained) { state_->stop(std::move(drained)); }

}  // namespace cistern

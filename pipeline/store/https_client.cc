#include "pipeline/store/https_client.h"

#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include "pipeline/call_on.h"
#include "pipeline/secret.h"
#include "pipeline/store/name_lookup.h"

namespace cistern {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace ssl = boost::asio::ssl;
using boost::asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr size_t kSlice = 256 * 1024;  // bytes of a body between two looks at the deadline and the answer
constexpr uint32_t kMostAnswerHead = 64 * 1024;
constexpr auto kWait = asio::as_tuple(asio::use_awaitable);

using Parser = http::response_parser<http::string_body>;
using AnswerBuffer = beast::basic_flat_buffer<CleansingAllocator<char>>;  // answers may hold credentials

// One request on one connection: what its two halves tell each other.
struct Exchange {
  const HttpRequest& request;
  std::string head;
  uint64_t to_give = head.size() + request.body_size;  // bytes that no write has been begun with
  bool sent = false;                                   // all of the request
  bool answered = false;                               // the answer is whole
  bool first_byte = false;                             // of an answer
  bool keep_alive = false;  // the server leaves the connection open, and said nothing more
  HttpResponse answer{};
  std::optional<Error> body_error{};  // of the request's own source
  std::optional<Error> refused{};     // by its certificate, or by a proxy
  error_code error{};                 // what ended the exchange without an answer
  const char* step = "connect to";
  bool reusable() const { return sent && answered && keep_alive; }  // the connection, afterwards
};

// Where a TLS context keeps its pool.
int pool_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

void take(Parser& parser, HttpResponse& answer) {
  auto& message = parser.get();
  answer.status = message.result_int();
  for (const auto& field : message) answer.headers.emplace_back(field.name_string(), field.value());
  answer.body = std::move(message.body());
}

}  // namespace

// What all connections share.
struct HttpsClient::Pool {
  Pool(HttpsClientOptions o, const Clock& c, asio::any_io_executor i, asio::any_io_executor w)
      : options(std::move(o)),
        clock(c),
        io(std::move(i)),
        workers(std::move(w)),
        names(io, first_hop().host, first_hop().port),
        tls(ssl::context::tls_client) {}

  ~Pool() { SSL_SESSION_free(session); }

  // Whom connections are made to.
  const HttpEndpoint& first_hop() const { return options.proxy ? options.proxy->endpoint : options.endpoint; }
  Result<> set_up_tls();
  void resume(SSL* connection);
  static int remember(SSL* connection, SSL_SESSION* session);
  std::shared_ptr<Connection> take_idle();
  void keep(std::shared_ptr<Connection> connection);

  const HttpsClientOptions options;
  const Clock& clock;
  const asio::any_io_executor io;
  const asio::any_io_executor workers;
  NameLookup names;
  ssl::context tls;
  std::mutex mutex;
  std::vector<std::shared_ptr<Connection>> idle;  // the one used last at the end
  SSL_SESSION* session = nullptr;                 // the newest that the server gave; under the mutex
};

// Everything here runs on the connection's own strand.
class HttpsClient::Connection : public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(Pool& pool)
      : pool_(pool),
        strand_(asio::make_strand(pool.io)),
        socket_(strand_),
        tls_(socket_, pool.tls),
        timer_(strand_) {}

  asio::any_io_executor executor() const { return strand_; }

  asio::awaitable<void> perform(Exchange& x) {
    if (!connected_) co_await connect(x);
    if (connected_) co_await exchange(x);
    no_deadline();
    if (!x.reusable()) close();
  }

  int64_t idle_since_ms = 0;  // the pool's

 private:
  asio::awaitable<void> connect(Exchange& x) {
    x.step = "look up";
    const NameLookup::Answer found = co_await look_up();
    x.error = found.error;
    if (x.error) co_return;
    deadline(pool_.options.connect_ms);
    x.step = "connect to";
    auto [refused, address] = co_await asio::async_connect(socket_, found.addresses, kWait);
    x.error = passed_ ? error_code(asio::error::timed_out) : refused;
    if (x.error) co_return;
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    if (pool_.options.proxy) co_await ask_proxy(x);
    if (pool_.options.endpoint.tls && !x.error && !x.refused) co_await handshake(x);
    connected_ = !x.error && !x.refused;
  }

  asio::awaitable<NameLookup::Answer> look_up() {
    deadline(pool_.options.connect_ms);
    return wait_for<NameLookup::Answer>(
        [this](auto done) { stop_waiting_ = pool_.names.ask(std::move(done)); });
  }

  // CONNECT host:port HTTP/1.1; after a 2xx the connection is the server's.
  asio::awaitable<void> ask_proxy(Exchange& x) {
    const HttpProxy& proxy = *pool_.options.proxy;
    const std::string head = connect_head(pool_.options.endpoint, proxy.authorization);
    x.step = "go through the proxy to";
    auto [failed, size] = co_await asio::async_write(socket_, asio::buffer(head), kWait);
    x.error = passed_ ? error_code(asio::error::timed_out) : failed;
    if (x.error) co_return;
    beast::flat_buffer buffer;
    Parser parser;
    parser.header_limit(kMostAnswerHead);
    parser.skip(true);
    auto [broken, read] = co_await http::async_read_header(socket_, buffer, parser, kWait);
    x.error = passed_ ? error_code(asio::error::timed_out) : broken;
    const unsigned status = x.error ? 0 : parser.get().result_int();
    if (x.error || status / 100 == 2) co_return;
    const std::string text = "the proxy " + proxy.endpoint.authority() + " answered " +
                             std::to_string(status) + " when asked for " + pool_.options.endpoint.authority();
    x.refused =
        status / 100 == 5 ? retry(text) : fatal(text + ": look at the proxy's rules, its name and password");
  }

  asio::awaitable<void> handshake(Exchange& x) {
    const HttpEndpoint& endpoint = pool_.options.endpoint;
    if (!endpoint.is_address()) SSL_set_tlsext_host_name(tls_.native_handle(), endpoint.host.c_str());
    tls_.set_verify_callback(ssl::host_name_verification(endpoint.host));
    pool_.resume(tls_.native_handle());
    x.step = "agree on TLS with";
    auto [failed] = co_await tls_.async_handshake(ssl::stream_base::client, kWait);
    x.error = passed_ ? error_code(asio::error::timed_out) : failed;
    const long verified = SSL_get_verify_result(tls_.native_handle());
    if (x.error && verified != X509_V_OK && !pool_.options.insecure) {
      x.refused = fatal("the certificate of " + endpoint.authority() + " is not trusted (" +
                        X509_verify_cert_error_string(verified) +
                        "): name its authority's PEM file as the CA file, or correct the host's name");
    }
  }

  asio::awaitable<void> exchange(Exchange& x) {
    x.step = "exchange a request with";
    if (pool_.options.endpoint.tls) {
      co_await exchange_over(tls_, x);
    } else {
      co_await exchange_over(socket_, x);
    }
    if (passed_) x.error = asio::error::timed_out;
  }

  template <class Stream>
  asio::awaitable<void> exchange_over(Stream& stream, Exchange& x) {
    using namespace asio::experimental::awaitable_operators;
    deadline(pool_.options.progress_ms);
    co_await (send(stream, x) && receive(stream, x));
  }

  // Stops when an answer is whole or the connection breaks; receive() tells how that came.
  template <class Stream>
  asio::awaitable<void> send(Stream& stream, Exchange& x) {
    if (!co_await write(stream, x, x.head)) co_return;
    const size_t pieces = x.request.body ? x.request.body->pieces() : 0;
    uint64_t written = 0;
    for (size_t i = 0; i < pieces && !x.answered; ++i) {
      // A variable: GCC 12 destroys twice what a temporary lambda in a co_await expression has captured.
      const auto load = [body = x.request.body, i] { return body->piece(i); };
      auto piece = co_await call_on(pool_.workers, load);
      if (!piece) co_return give_up(x, piece.error());
      written += piece.value()->size();
      if (written > x.request.body_size) break;
      if (!co_await write(stream, x, piece.value()->view())) co_return;
    }
    x.sent = x.to_give == 0 && written == x.request.body_size;
    if (x.answered) co_return;
    if (!x.sent)
      co_return give_up(x, fatal("a request's body is not as long as was announced: nothing was stored"));
    deadline(pool_.options.first_byte_ms);
  }

  template <class Stream>
  asio::awaitable<bool> write(Stream& stream, Exchange& x, std::string_view bytes) {
    while (!bytes.empty()) {
      if (x.answered) co_return false;
      deadline(pool_.options.progress_ms);
      const auto slice = asio::buffer(bytes.substr(0, kSlice));
      x.to_give -= slice.size();
      auto [failed, size] = co_await asio::async_write(stream, slice, kWait);
      if (failed) co_return false;
      bytes.remove_prefix(size);
    }
    co_return true;
  }

  template <class Stream>
  asio::awaitable<void> receive(Stream& stream, Exchange& x) {
    AnswerBuffer buffer;
    std::optional<Parser> parser;
    do {  // 1xx answers come before the one that counts
      parser.emplace();
      parser->header_limit(kMostAnswerHead);
      parser->body_limit(x.request.max_answer_bytes);
      if (x.request.method == "HEAD") parser->skip(true);
      if (!co_await read(stream, x, buffer, *parser)) co_return close();
    } while (parser->get().result_int() < 200);
    x.answered = true;
    x.keep_alive = parser->keep_alive() && buffer.size() == 0;
    take(*parser, x.answer);
    // Ends a send() that waits for the server to take bytes; not one that will be told at once that it has.
    if (!x.sent && (x.to_give > 0 || x.answer.status >= 300)) close();
  }

  template <class Stream>
  asio::awaitable<bool> read(Stream& stream, Exchange& x, AnswerBuffer& buffer, Parser& parser) {
    while (!parser.is_done()) {
      auto [failed, size] = co_await http::async_read_some(stream, buffer, parser, kWait);
      x.first_byte = x.first_byte || size > 0;
      x.error = failed;
      if (failed) co_return false;
      deadline(pool_.options.progress_ms);
    }
    co_return true;
  }

  void give_up(Exchange& x, Error error) {
    x.body_error = std::move(error);
    close();
  }

  // One watchdog for both directions: it is moved on by every sign of progress and closes the connection
  // else.
  void deadline(int64_t ms) {
    timer_.expires_after(std::chrono::milliseconds(ms));
    timer_.async_wait([self = weak_from_this(), armed = ++armed_](error_code cancelled) {
      auto connection = self.lock();
      if (cancelled || !connection || connection->armed_ != armed) return;
      connection->passed_ = true;
      connection->close();
    });
  }
  void no_deadline() {
    ++armed_;
    timer_.cancel();
  }
  void close() {
    connected_ = false;
    if (stop_waiting_) stop_waiting_();
    error_code ignored;
    socket_.close(ignored);
  }

  Pool& pool_;
  asio::any_io_executor strand_;
  tcp::socket socket_;
  ssl::stream<tcp::socket&> tls_;
  asio::steady_timer timer_;
  std::function<void()> stop_waiting_;  // for a name's look-up
  uint64_t armed_ = 0;
  bool passed_ = false;
  bool connected_ = false;
};

Result<> HttpsClient::Pool::set_up_tls() {
  tls.set_options(ssl::context::default_workarounds | ssl::context::no_sslv2 | ssl::context::no_sslv3 |
                  ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  tls.set_verify_mode(options.insecure ? ssl::verify_none : ssl::verify_peer);
  SSL_CTX_set_session_cache_mode(tls.native_handle(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_set_ex_data(tls.native_handle(), pool_index(), this);
  SSL_CTX_sess_set_new_cb(tls.native_handle(), &Pool::remember);
  if (options.insecure) return ok();
  error_code failed;
  if (options.ca_file.empty()) {
    tls.set_default_verify_paths(failed);
    if (failed) return invalid("the system's certificate authorities cannot be read: " + failed.message());
  } else {
    tls.load_verify_file(options.ca_file, failed);
    if (failed)
      return invalid("the CA file " + options.ca_file + " cannot be read as PEM: " + failed.message());
  }
  return ok();
}

void HttpsClient::Pool::resume(SSL* connection) {
  const std::lock_guard lock(mutex);
  if (session == nullptr) return;
  SSL_SESSION* copy = SSL_SESSION_dup(session);
  SSL_set_session(connection, copy);
  SSL_SESSION_free(copy);
}

// OpenSSL's callback for each session that a server has given. Copies, here and above: a connection that ends
// without a farewell spoils its own.
int HttpsClient::Pool::remember(SSL* connection, SSL_SESSION* session) {
  auto* pool = static_cast<Pool*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), pool_index()));
  const std::lock_guard lock(pool->mutex);
  SSL_SESSION_free(pool->session);
  pool->session = SSL_SESSION_dup(session);
  return 0;
}

std::shared_ptr<HttpsClient::Connection> HttpsClient::Pool::take_idle() {
  const std::lock_guard lock(mutex);
  const int64_t oldest = clock.steady_ms() - options.keep_ms;
  if (idle.empty()) return nullptr;
  auto connection = std::move(idle.back());
  idle.pop_back();
  if (connection->idle_since_ms >= oldest) return connection;
  idle.clear();  // all others are older still
  return nullptr;
}

void HttpsClient::Pool::keep(std::shared_ptr<Connection> connection) {
  const std::lock_guard lock(mutex);
  connection->idle_since_ms = clock.steady_ms();
  if (idle.size() >= options.keep) idle.erase(idle.begin());
  idle.push_back(std::move(connection));
}

HttpsClient::HttpsClient(std::shared_ptr<Pool> pool) : pool_(std::move(pool)) {}
HttpsClient::~HttpsClient() = default;

Result<std::unique_ptr<HttpsClient>> HttpsClient::make(HttpsClientOptions options, const Clock& clock,
                                                       asio::any_io_executor io,
                                                       asio::any_io_executor workers) {
  auto pool = std::make_shared<Pool>(std::move(options), clock, std::move(io), std::move(workers));
  if (pool->options.endpoint.tls) {
    CISTERN_TRY(pool->set_up_tls());
  }
  return std::unique_ptr<HttpsClient>(new HttpsClient(std::move(pool)));
}

asio::awaitable<Result<HttpResponse>> HttpsClient::request(HttpRequest request) {
  const std::string server = pool_->options.endpoint.authority();
  for (bool fresh = false;; fresh = true) {
    auto connection = fresh ? nullptr : pool_->take_idle();
    const bool kept = connection != nullptr;
    if (!kept) connection = std::make_shared<Connection>(*pool_);
    Exchange x{.request = request, .head = request_head(request, pool_->options.endpoint)};
    co_await asio::co_spawn(connection->executor(), connection->perform(x), asio::use_awaitable);
    if (x.reusable()) pool_->keep(connection);
    if (x.body_error) co_return std::move(*x.body_error);
    if (x.refused) co_return std::move(*x.refused);
    if (x.answered && (x.sent || x.answer.status >= 300)) co_return std::move(x.answer);
    if (x.answered) co_return retry(server + " answered with success before it had the whole request");
    const bool stale = kept && !x.first_byte && x.error != asio::error::timed_out;
    if (!stale) co_return retry(std::string("could not ") + x.step + " " + server + ": " + x.error.message());
  }
}

}  // namespace cistern

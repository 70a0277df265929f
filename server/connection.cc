// See connection.h. Every wait has a deadline; every refusal has Firehose's shape, since the Handler makes
// it. Owned by the HTTP edge.
#include "server/connection.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "pipeline/log.h"
#include "server/reply_text.h"

namespace cistern {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::awaitable;
using boost::system::error_code;

constexpr size_t kReadBytes = 16u << 10;   // a TLS record
constexpr size_t kPieceBytes = 64u << 10;  // by which a chunked body's lease grows

// Whom guesses are counted against: an IPv4 address, or the network that an IPv6 subscriber has.
std::string origin_of(const asio::ip::tcp::socket& socket) {
  error_code unknown;
  const auto address = socket.remote_endpoint(unknown).address();
  if (address.is_v4()) return address.to_string();
  const auto v6 = address.to_v6();
  if (v6.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_string();
  const auto bytes = v6.to_bytes();
  return {bytes.begin(), bytes.begin() + 8};
}

Error broke_off(bool expired) {
  return busy(expired ? "The body's bytes came too slowly. Send again."
                      : "The connection ended before the body did. Send again.");
}

// Decodes chunked framing (RFC 9112, 7.1); fed with a head of its own, since the real one was read strictly.
using ChunkReader = http::request_parser<http::buffer_body>;
void expect_chunks(ChunkReader& reader) {
  constexpr std::string_view kHead = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  error_code error;
  reader.body_limit(boost::none);
  reader.put(asio::buffer(kHead), error);
}

}  // namespace

Connection::Connection(std::unique_ptr<Transport> transport, ConnectionContext& context, bool one_too_many)
    : context_(context),
      limits_(context.limits.get()),
      one_too_many_(one_too_many),
      transport_(std::move(transport)),
      deadline_(transport_->socket().get_executor(),
                [this] {
                  error_code ignored;
                  transport_->socket().cancel(ignored);
                }),
      pause_(transport_->socket().get_executor()),
      long_head_(context.long_heads.lease()) {}

void Connection::end_if_idle() {
  asio::post(transport_->socket().get_executor(), [self = shared_from_this()] {
    error_code ignored;
    if (self->idle_) self->transport_->socket().cancel(ignored);
    self->pause_.cancel();
  });
}

void Connection::drop() {
  asio::post(transport_->socket().get_executor(), [self = shared_from_this()] {
    error_code ignored;
    self->transport_->socket().close(ignored);
    self->pause_.cancel();
  });
}

awaitable<void> Connection::run() {
  deadline_.set_ms(limits_->handshake_timeout_ms);
  error_code error = co_await transport_->handshake();
  if (error) {
    const bool dropped = !transport_->socket().is_open();
    if (context_.metrics != nullptr && !dropped)
      context_.metrics->connections_total.of("tls_failed").Increment();
    log_debug("tls_failed", error.message());
  } else {
    while (co_await serve_one()) {
    }
  }
  co_await close_gently();
}

awaitable<bool> Connection::serve_one() {
  auto read = co_await read_head();
  if (read && !read.value()) co_return false;
  RequestHead head;
  if (auto understood = understand(read, head); !understood) {
    Reply reply = context_.handler.refuse(head, understood.error());
    co_return co_await send(reply, head, false);
  }
  auto answer = context_.handler.begin(head);
  if (Reply* reply = std::get_if<Reply>(&answer)) {
    const bool wrong_key = reply->status == 401;
    if (wrong_key) co_await slow_down_guess();
    co_return co_await send(*reply, head, head.keep_alive && !head.has_body() && !wrong_key);
  }
  trusted_.store(true, std::memory_order_relaxed);
  co_return co_await serve_with_body(head, std::move(std::get<std::shared_ptr<PendingRequest>>(answer)));
}

// Guessing an access key costs a connection each time, and ever more time.
awaitable<void> Connection::slow_down_guess() {
  if (context_.draining) co_return;
  const int64_t wait_ms =
      context_.guess_delay.next_ms(origin_of(transport_->socket()), context_.clock.steady_ms());
  deadline_.off();
  pause_.expires_after(std::chrono::milliseconds(wait_ms));
  co_await pause_.async_wait(kTuple);
}

// What a long head took is not kept while the connection waits for its next request.
void Connection::forget_head() {
  scanner_.reset();
  if (long_head_.held() == 0) return;
  long_head_.give_back(long_head_.held());
  head_bytes_ = std::string();
  in_.shrink_to_fit();
}

// 503 and not 431 for a long head: Firehose's table does not have the latter, and what it does not know it
// may not send again.
Result<> Connection::check_size(std::optional<size_t> head_size) {
  const uint64_t size = head_size.value_or(in_.size());
  if (size > limits_->header_bytes)
    return busy("The request's head is over the limit of " + std::to_string(limits_->header_bytes) +
                " bytes. Configure fewer common attributes, or raise limits.header_bytes.");
  // It lies here twice, in in_ and in head_bytes_.
  if (size > kReadBytes && 2 * size > long_head_.held() && !long_head_.grow(2 * size - long_head_.held()))
    return busy("Too many long request heads are under way here. Send again later.");
  return ok();
}

// A head into head_bytes_. False: the peer ended, or sent nothing for the idle time.
awaitable<Result<bool>> Connection::read_head() {
  bool blank_line_skipped = false;
  forget_head();
  limits_ = context_.limits.get();
  deadline_.set_ms(in_.size() == 0 ? limits_->idle_timeout_ms : limits_->header_timeout_ms);
  while (true) {
    // One empty line before a request is let pass (RFC 9112, 2.2).
    if (!blank_line_skipped && unread().starts_with("\r\n")) {
      in_.consume(2);
      scanner_.reset();
      blank_line_skipped = true;
    }
    auto size = scanner_.scan(unread());
    if (!size) co_return size.error();
    if (auto fits = check_size(size.value()); !fits) co_return fits.error();
    if (size.value()) {
      head_bytes_.assign(unread().substr(0, *size.value()));
      in_.consume(*size.value());
      co_return true;
    }
    idle_ = in_.size() == 0;
    if (idle_ && context_.draining) co_return false;
    Received received = co_await transport_->read_some(in_.prepare(kReadBytes));
    bool was_idle = std::exchange(idle_, false);
    if (received.error && deadline_.expired() && !was_idle)
      co_return busy("The request's head did not arrive in time. Send again.");
    if (received.error) co_return false;
    if (was_idle) {
      limits_ = context_.limits.get();
      deadline_.set_ms(limits_->header_timeout_ms);
    }
    in_.commit(received.bytes);
  }
}

// What is wrong with the request before the handler is asked. `head` gets what could be read, so that even
// then the answer names the request id.
Result<> Connection::understand(const Result<bool>& read, RequestHead& head) const {
  auto parsed = parse_request_head(read ? std::string_view(head_bytes_) : unread(), head);
  if (!read) return read.error();
  CISTERN_TRY(std::move(parsed));
  if (one_too_many_)
    return busy("Too many connections are open here. Send again later; limits.connections sets the bound.");
  return ok();
}

awaitable<bool> Connection::serve_with_body(const RequestHead& head,
                                            std::shared_ptr<PendingRequest> pending) {
  int64_t give_up_ms = context_.clock.steady_ms() + limits_->reply_timeout_ms;
  auto body = co_await read_body(head, *pending, give_up_ms);
  if (!body) {
    Reply refusal = pending->refuse(body.error());
    co_return co_await send(refusal, head, false);
  }
  Reply reply = co_await verdict(std::move(pending), give_up_ms);
  co_return co_await send(reply, head, head.keep_alive);
}

awaitable<Result<>> Connection::read_body(const RequestHead& head, PendingRequest& pending,
                                          int64_t give_up_ms) {
  if (auto reserved = pending.reserve(head.content_length); !reserved) co_return reserved.error();
  if (head.expects_continue && in_.size() == 0) {
    deadline_.set_ms(limits_->progress_timeout_ms);
    error_code error = co_await transport_->write("HTTP/1.1 100 Continue\r\n\r\n");
    if (error) co_return broke_off(deadline_.expired());
  }
  if (head.chunked) co_return co_await read_chunked_body(pending, give_up_ms);
  co_return co_await read_sized_body(head.content_length, pending.body(), give_up_ms);
}

// Straight from the stream into the body.
awaitable<Result<>> Connection::read_sized_body(uint64_t size, Buffer& body, int64_t give_up_ms) {
  body.resize(size);
  size_t got = asio::buffer_copy(asio::buffer(body.data(), size), in_.data());
  in_.consume(got);
  while (got < size) {
    auto more = co_await read_body_bytes(asio::buffer(body.data() + got, size - got), give_up_ms, got);
    if (!more) co_return more.error();
  }
  co_return ok();
}

awaitable<Result<>> Connection::read_chunked_body(PendingRequest& pending, int64_t give_up_ms) {
  Buffer& body = pending.body();
  ChunkReader reader;
  expect_chunks(reader);
  size_t got = 0;
  while (true) {
    if (got == body.size()) {
      if (auto reserved = pending.reserve(kPieceBytes); !reserved) co_return reserved.error();
      body.resize(got + kPieceBytes);
    }
    reader.get().body().data = body.data() + got;
    reader.get().body().size = body.size() - got;
    error_code error;
    size_t used = reader.put(in_.data(), error);
    in_.consume(used);
    got = body.size() - reader.get().body().size;
    if (reader.is_done()) break;
    bool starved = error == http::error::need_more || (!error && used == 0);
    // Extensions and trailers are read whole or not at all: what outgrows two reads is none of ours.
    if ((error && !starved && error != http::error::need_buffer) || (starved && in_.size() > kReadBytes))
      co_return invalid("The chunked body is broken: " + error.message() + ".");
    if (!starved) continue;
    size_t bytes = 0;
    auto more = co_await read_body_bytes(in_.prepare(kReadBytes), give_up_ms, bytes);
    if (!more) co_return more.error();
    in_.commit(bytes);
  }
  body.resize(got);
  co_return ok();
}

// Adds what came to `got`. A body must move on, and be there before the sender gives the request up.
awaitable<Result<>> Connection::read_body_bytes(asio::mutable_buffer into, int64_t give_up_ms, size_t& got) {
  int64_t left_ms = std::max<int64_t>(0, give_up_ms - context_.clock.steady_ms());
  deadline_.set_ms(std::min(limits_->progress_timeout_ms, left_ms));
  Received received = co_await transport_->read_some(into);
  if (received.error) co_return broke_off(deadline_.expired());
  got += received.bytes;
  co_return ok();
}

// The pipeline's answer, or busy when it does not come in time: the sender tries again, and the journal knows
// the repeat should the first one have been made durable after all.
awaitable<Reply> Connection::verdict(std::shared_ptr<PendingRequest> pending, int64_t give_up_ms) {
  struct Wait {
    asio::steady_timer over;
    std::optional<Reply> reply = {};
  };
  deadline_.off();
  auto wait = std::make_shared<Wait>(Wait{asio::steady_timer(transport_->socket().get_executor())});
  int64_t left_ms = std::max<int64_t>(0, give_up_ms - context_.clock.steady_ms());
  wait->over.expires_after(std::chrono::milliseconds(left_ms));
  pending->finish([wait](Reply reply) {
    asio::post(wait->over.get_executor(), [wait, reply = std::move(reply)]() mutable {
      wait->reply = std::move(reply);
      wait->over.cancel();
    });
  });
  co_await wait->over.async_wait(kTuple);
  if (wait->reply) co_return std::move(*wait->reply);
  co_return pending->refuse(busy("The delivery could not be made durable in time. Send again."));
}

awaitable<bool> Connection::send(const Reply& reply, const RequestHead& head, bool keep_alive) {
  keep_alive = keep_alive && !context_.draining;
  std::string text = reply_text(reply, head.method == "HEAD", !keep_alive, context_.clock.wall_ms());
  deadline_.set_ms(limits_->progress_timeout_ms);
  error_code error = co_await transport_->write(text);
  co_return keep_alive && !error;
}

// Closing a socket with unread bytes resets the connection, and a reset may overtake the last reply. So: end
// our side, read on for a while until the peer ends its own, then close.
awaitable<void> Connection::close_gently() {
  deadline_.set_ms(limits_->linger_timeout_ms);
  co_await transport_->end_writing();
  error_code ignored;
  transport_->socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  uint64_t drained = 0;
  while (drained < limits_->drain_bytes && !deadline_.expired()) {
    auto [error, bytes] = co_await transport_->socket().async_read_some(in_.prepare(kReadBytes), kTuple);
    if (error) break;
    drained += bytes;
  }
  transport_->socket().close(ignored);
}

std::string_view Connection::unread() const {
  return {static_cast<const char*>(in_.data().data()), in_.size()};
}

}  // namespace cistern

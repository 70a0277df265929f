// A connection's bytes, with or without TLS. Keeps Beast streams and TLS out of the session's own file.
#pragma once

#include <string_view>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace cistern {

// co_await gives the error code as the first of the results, instead of throwing it.
inline constexpr auto kTuple = boost::asio::as_tuple(boost::asio::use_awaitable);

struct Received {
  boost::system::error_code error;
  size_t bytes = 0;
};

// Used on the connection's strand. Operations end early when socket().cancel() is called.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual boost::asio::awaitable<boost::system::error_code> handshake() = 0;
  virtual boost::asio::awaitable<Received> read_some(boost::asio::mutable_buffer into) = 0;
  virtual boost::asio::awaitable<boost::system::error_code> write(std::string_view bytes) = 0;
  // Says that no more will be written; the socket stays open both ways for what the peer still sends.
  virtual boost::asio::awaitable<void> end_writing() = 0;
  virtual boost::asio::ip::tcp::socket& socket() = 0;
};

}  // namespace cistern

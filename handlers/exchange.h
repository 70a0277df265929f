// The line between sockets and HTTP meaning. The server reads a head and asks a Handler; an answer that needs
// the body is a PendingRequest, which the server feeds. No sockets here: tests drive it with plain messages.
#pragma once

#include <functional>
#include <memory>
#include <variant>

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "pipeline/buffer.h"
#include "pipeline/result.h"

namespace cistern {

namespace http = boost::beast::http;

using RequestHead = http::request_header<>;
using Reply = http::response<http::string_body>;

// A request whose head was accepted. Used on the connection's strand, destroyed there or wherever its reply
// was made.
class PendingRequest {
 public:
  using OnReply = std::function<void(Reply)>;

  virtual ~PendingRequest() = default;
  // Asked before `more` further body bytes are read (at once for a known Content-Length, piece by piece
  // otherwise). An error refuses the request: the server answers with refuse(error).
  virtual Result<> reserve(uint64_t more) = 0;
  // Where the server puts the body.
  virtual Buffer& body() = 0;
  // The body is whole. `done` is called exactly once, on any thread; the reply is complete but for
  // keep-alive.
  virtual void finish(OnReply done) = 0;
  // The body will not be read, or broke off.
  virtual Reply refuse(const Error& error) = 0;
};

class Handler {
 public:
  virtual ~Handler() = default;
  // Decides from the head alone. Any thread.
  virtual std::variant<Reply, std::unique_ptr<PendingRequest>> begin(const RequestHead& head) = 0;
  // What to answer to a request whose head could not be read (`head` holds what was understood, perhaps
  // nothing).
  virtual Reply refuse(const RequestHead& head, const Error& error) = 0;
};

}  // namespace cistern

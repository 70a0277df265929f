// The line between sockets and HTTP meaning. The server reads a head and asks a Handler; an answer that needs
// the body is a PendingRequest, which the server feeds. No sockets here: tests drive it with plain values.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "handlers/request_head.h"
#include "pipeline/buffer.h"
#include "pipeline/result.h"

namespace cistern {

struct Reply {
  unsigned status = 200;
  std::string_view content_type = "application/json";  // a constant
  std::string body;
  std::string_view allow = {};    // a constant; for 405
  std::string_view headers = {};  // a constant: further header lines, each ending in CR LF
};

// A request whose head was accepted. Used on the connection's strand but for `done`.
class PendingRequest {
 public:
  using OnReply = std::function<void(Reply)>;

  virtual ~PendingRequest() = default;
  // Asked before `more` further body bytes are read (at once for a known Content-Length, piece by piece
  // otherwise). An error refuses the request: the server answers with refuse(error).
  virtual Result<> reserve(uint64_t more) = 0;
  // Where the server puts the body. Not touched by the server after finish().
  virtual Buffer& body() = 0;
  // The body is whole. `done` is called at most once, on any thread.
  virtual void finish(OnReply done) = 0;
  // The body will not be read, broke off, or the answer did not come in time (then finish() goes on, and what
  // it calls `done` with is dropped).
  virtual Reply refuse(const Error& error) = 0;
};

class Handler {
 public:
  using Answer = std::variant<Reply, std::shared_ptr<PendingRequest>>;

  virtual ~Handler() = default;
  // Decides from the head alone; keeps no view of it. Any thread.
  virtual Answer begin(const RequestHead& head) = 0;
  // What to answer to a request that is refused before begin() was asked (`head` holds what was understood,
  // perhaps nothing).
  virtual Reply refuse(const RequestHead& head, const Error& error) = 0;
};

}  // namespace cistern

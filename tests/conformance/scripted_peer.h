// A server on loopback that does exactly what a test says, connection after connection, to try a client with
// every nasty answer there is. Plain TCP, or TLS with a certificate of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::store_rig {

// The peer's side of one connection; everything blocks.
class PeerConnection {
 public:
  virtual ~PeerConnection() = default;
  // Up to the empty line, that included; empty when the client has gone.
  virtual std::string read_head() = 0;
  virtual std::string read(size_t bytes) = 0;  // exactly as many, less when the client has gone
  // One write, sent at once.
  virtual void write(std::string_view bytes) = 0;
  virtual void reset() = 0;          // the client sees the connection reset, not closed
  virtual bool resumed() const = 0;  // an earlier connection's TLS session

  // A whole request, its body by Content-Length.
  std::string read_request();
  // Until the client closes.
  void read_to_end();
};

class ScriptedPeer {
 public:
  using Script = std::function<void(PeerConnection&)>;
  // Connection i is served by script i, one after the other; a connection is closed when its script returns.
  // With `certificate` (PEM files of certificate and key) it speaks TLS.
  struct Certificate {
    std::string certificate_file;
    std::string key_file;
    // What a proxy answers to CONNECT before TLS begins, if it is a 200; empty: it is no proxy.
    std::string connect_answer;
  };
  explicit ScriptedPeer(std::vector<Script> scripts, Certificate certificate = {});
  ~ScriptedPeer();

  uint16_t port() const;
  // Connections that were taken so far.
  size_t connections() const;
  // The last CONNECT that came; once an answer to it has been seen.
  std::string connect_head() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace cistern::store_rig

// See command_health.h.
#include "server/command_health.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ostream>

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "pipeline/result.h"
#include "server/exit_codes.h"
#include "server/socket_address.h"

namespace cistern {
namespace {

constexpr int kTimeoutSeconds = 3;  // of the connection, the request and each read

class Connection {
 public:
  explicit Connection(int fd) : fd_(fd) {
    timeval timeout{kTimeoutSeconds, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  }
  ~Connection() { ::close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

Error system_error(const char* what) { return retry(std::string(what) + ": " + std::strerror(errno)); }

Endpoint reachable(Endpoint endpoint) {
  if (endpoint.host == "0.0.0.0") endpoint.host = "127.0.0.1";
  if (endpoint.host == "::") endpoint.host = "::1";
  return endpoint;
}

Result<std::string> read_line(int fd) {
  std::string line;
  std::array<char, 512> piece{};
  while (line.find('\n') == std::string::npos && line.size() < piece.size()) {
    auto size = ::recv(fd, piece.data(), piece.size(), 0);
    if (size < 0) return system_error("no answer");
    if (size == 0) break;
    line.append(piece.data(), static_cast<size_t>(size));
  }
  line.resize(std::min(line.size(), line.find_first_of("\r\n")));
  if (!is_printable(line)) return retry("an answer that is not HTTP");
  return line;
}

// The reply's first line.
Result<std::string> get_livez(const Endpoint& endpoint) {
  auto address = socket_address(endpoint);
  int fd = ::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return system_error("no socket");
  Connection connection(fd);
  if (::connect(fd, address.get(), address.length) != 0) return system_error("no connection");
  auto request = "GET /livez HTTP/1.1\r\nHost: " + print_endpoint(endpoint) + "\r\nConnection: close\r\n\r\n";
  if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0)
    return system_error("nothing could be sent");
  return read_line(fd);
}

}  // namespace

int run_health(const Config& config, std::ostream& out) {
  if (!config.metrics_listen) {
    out << "metrics.listen is off: there is nothing to ask\n";
    return kExitFailed;
  }
  auto endpoint = reachable(*config.metrics_listen);
  auto found = get_livez(endpoint);
  out << print_endpoint(endpoint) << "/livez: " << (found ? found.value() : found.error().what) << "\n";
  return found && found.value().starts_with("HTTP/1.1 200") ? kExitOk : kExitFailed;
}

}  // namespace cistern

#include "server/http_get.h"

#include <array>
#include <cerrno>
#include <cstring>

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "server/socket_address.h"

namespace cistern {
namespace {

constexpr int kTimeoutSeconds = 3;  // of the connection, the request and each read
constexpr size_t kLargest = 4u << 20;

class ConnectedSocket {
 public:
  explicit ConnectedSocket(int fd) : fd_(fd) {
    timeval timeout{kTimeoutSeconds, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  }
  ~ConnectedSocket() { ::close(fd_); }
  ConnectedSocket(const ConnectedSocket&) = delete;
  ConnectedSocket& operator=(const ConnectedSocket&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

Error system_error(const char* what) { return retry(std::string(what) + ": " + std::strerror(errno)); }

Result<std::string> read_all(int fd) {
  std::string text;
  std::array<char, 16384> piece{};
  while (text.size() < kLargest) {
    auto size = ::recv(fd, piece.data(), piece.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return system_error("no answer");
    if (size == 0) break;
    text.append(piece.data(), static_cast<size_t>(size));
  }
  return text;
}

}  // namespace

Result<HttpAnswer> http_get(const Endpoint& endpoint, const std::string& path) {
  auto address = socket_address(endpoint);
  int fd = ::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return system_error("no socket");
  ConnectedSocket connection(fd);
  if (::connect(fd, address.get(), address.length) != 0) return system_error("no connection");
  auto request =
      "GET " + path + " HTTP/1.1\r\nHost: " + print_endpoint(endpoint) + "\r\nConnection: close\r\n\r\n";
  if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0)
    return system_error("nothing could be sent");
  CISTERN_TRY(std::string text, read_all(fd));
  HttpAnswer answer{text.substr(0, text.find_first_of("\r\n")), {}};
  if (!is_printable(answer.status_line)) return retry("an answer that is not HTTP");
  const size_t end = text.find("\r\n\r\n");
  if (end != text.npos) answer.body = text.substr(end + 4);
  return answer;
}

Endpoint reachable(Endpoint endpoint) {
  if (endpoint.host == "0.0.0.0") endpoint.host = "127.0.0.1";
  if (endpoint.host == "::") endpoint.host = "::1";
  return endpoint;
}

}  // namespace cistern

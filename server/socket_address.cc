// See socket_address.h.
#include "server/socket_address.h"

#include <cstring>

#include <arpa/inet.h>

namespace cistern {

SocketAddress socket_address(const Endpoint& endpoint) {
  SocketAddress address;
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  if (::inet_pton(AF_INET, endpoint.host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    std::memcpy(&address.storage, &v4, address.length = sizeof v4);
  } else if (::inet_pton(AF_INET6, endpoint.host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    std::memcpy(&address.storage, &v6, address.length = sizeof v6);
  }
  return address;
}

bool is_loopback(const Endpoint& endpoint) {
  return endpoint.host == "::1" || endpoint.host.starts_with("127.");
}

}  // namespace cistern

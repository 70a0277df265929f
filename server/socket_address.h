// An Endpoint as the system's calls want it. Pure.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "server/config/values.h"

namespace cistern {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
  int family() const { return storage.ss_family; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// The host must be an IP address, as parse_endpoint makes sure.
SocketAddress socket_address(const Endpoint& endpoint);

bool is_loopback(const Endpoint& endpoint);

}  // namespace cistern

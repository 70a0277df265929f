// One GET over plain HTTP to a Cistern's operations listener, for commands. Blocks for a few seconds at most.
#pragma once

#include <string>

#include "pipeline/result.h"
#include "server/config/values.h"

namespace cistern {

struct HttpAnswer {
  std::string status_line;  // printable
  std::string body;         // at most 4 MiB
  bool good() const { return status_line.starts_with("HTTP/1.1 200"); }
};

// Errors `retry`: no connection, no answer, or none that is HTTP; with the system's reason.
Result<HttpAnswer> http_get(const Endpoint& endpoint, const std::string& path);

// What to connect to for what listens at `endpoint`: loopback, where that is every address.
Endpoint reachable(Endpoint endpoint);

}  // namespace cistern

// The HTTP proxy on the way to a server, by the habits of HTTPS_PROXY and NO_PROXY. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pipeline/store/http_message.h"

namespace cistern {

// A proxy that is asked to CONNECT; TLS goes through it end to end.
struct HttpProxy {
  HttpEndpoint endpoint;
  std::string authorization;  // Proxy-Authorization's value, or empty; secret
};

// "http://[name:password@]host[:port]", the scheme optional, port 80 without one, as curl takes it; name and
// password percent-encoded. Error `invalid`, without what may be secret.
Result<HttpProxy> parse_proxy(std::string_view text);

// Whether `no_proxy` names the server: items separated by commas or spaces. "*" is all; "example.com" and
// ".example.com" are that name and all below it; an address is itself, "10.0.0.0/8" and "fd00::/8" a network;
// any of them with ":port" that port only.
bool bypasses_proxy(std::string_view no_proxy, const HttpEndpoint& server);

// The proxy to take for `server`, if any: none is taken for plain HTTP.
Result<std::optional<HttpProxy>> choose_proxy(const std::string& proxy, const std::string& no_proxy,
                                              const HttpEndpoint& server);

}  // namespace cistern

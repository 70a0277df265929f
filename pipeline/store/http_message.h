// A request and an answer of HTTP/1.1 as plain values: what builders of requests make and HttpsClient
// carries.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/store/object_store.h"

namespace cistern {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;  // in the order they are sent

// The value of the first header of this name (any case), or empty.
std::string_view find_header(const HttpHeaders& headers, std::string_view name);

struct HttpRequest {
  std::string method;
  std::string target;                       // origin form, percent-encoded: "/bucket/key?query"
  HttpHeaders headers;                      // HttpsClient adds Host (if missing) and Content-Length
  std::shared_ptr<const ObjectBytes> body;  // null: none
  uint64_t body_size = 0;
  uint64_t max_answer_bytes = 1ull << 20;  // a longer body of the answer is an error
};

struct HttpResponse {
  unsigned status = 0;
  HttpHeaders headers;
  std::string body;
};

// A body that lies in memory as one piece.
std::shared_ptr<const ObjectBytes> bytes_in_memory(std::string_view bytes);

// Where to connect.
struct HttpEndpoint {
  bool tls = true;
  std::string host;  // a name or an address; IPv6 without brackets
  uint16_t port = 443;

  // host, or host:port when the port is not the scheme's own; IPv6 in brackets.
  std::string authority() const;
  bool is_address() const;  // of IPv4 or IPv6
};

// What stands on the wire before the body: request line, headers, Host and Content-Length where they are
// missing, and the empty line.
std::string request_head(const HttpRequest& request, const HttpEndpoint& endpoint);
// "CONNECT host:port HTTP/1.1", for a proxy; `authorization` is Proxy-Authorization's value, or empty.
std::string connect_head(const HttpEndpoint& endpoint, const std::string& authorization);

// "https://host[:port][/target]" or "http://…". Error `invalid` says what is expected.
struct HttpUrl {
  HttpEndpoint endpoint;
  std::string target;  // "/" when the text has none
};
Result<HttpUrl> parse_http_url(std::string_view text);

}  // namespace cistern

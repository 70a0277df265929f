#include "pipeline/store/http_message.h"

#include <algorithm>
#include <charconv>

#include <boost/asio/ip/address.hpp>

#include "pipeline/ascii.h"

namespace cistern {
namespace {

class BytesInMemory : public ObjectBytes {
 public:
  explicit BytesInMemory(std::string_view bytes) : bytes_(std::make_shared<Buffer>(bytes)) {}
  size_t pieces() const override { return 1; }
  Result<std::shared_ptr<const Buffer>> piece(size_t) const override { return bytes_; }

 private:
  std::shared_ptr<const Buffer> bytes_;
};

Error bad_url(std::string_view text, const char* why) {
  return invalid("\"" + printable(text, 200) + "\" is no URL of a server: " + why +
                 "; write https://host[:port] or http://host[:port]");
}

bool host_character(char c) { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_'; }

// Takes "host" or "[IPv6]" off the front of `rest`.
std::string take_host(std::string_view& rest) {
  if (rest.starts_with('[')) {
    const size_t end = std::min(rest.find(']'), rest.size());
    std::string host(rest.substr(1, end - 1));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    boost::system::error_code code;
    boost::asio::ip::make_address_v6(host, code);
    return code ? std::string() : host;
  }
  const auto end = std::find_if_not(rest.begin(), rest.end(), host_character);
  std::string host(rest.begin(), end);
  rest.remove_prefix(host.size());
  return host;
}

}  // namespace

std::string_view find_header(const HttpHeaders& headers, std::string_view name) {
  for (const auto& [header, value] : headers) {
    if (same_without_case(header, name)) return value;
  }
  return {};
}

std::shared_ptr<const ObjectBytes> bytes_in_memory(std::string_view bytes) {
  return std::make_shared<BytesInMemory>(bytes);
}

std::string HttpEndpoint::authority() const {
  std::string text = host.find(':') == std::string::npos ? host : "[" + host + "]";
  if (port != (tls ? 443 : 80)) text += ":" + std::to_string(port);
  return text;
}

bool HttpEndpoint::is_address() const {
  boost::system::error_code code;
  boost::asio::ip::make_address(host, code);
  return !code;
}

// PUT /key HTTP/1.1 <CRLF> Host: … <CRLF> … Content-Length: 1234 <CRLF> <CRLF>
std::string request_head(const HttpRequest& request, const HttpEndpoint& endpoint) {
  std::string head = request.method + " " + request.target + " HTTP/1.1\r\n";
  if (find_header(request.headers, "Host").empty())
    head.append("Host: ").append(endpoint.authority()).append("\r\n");
  for (const auto& [name, value] : request.headers)
    head.append(name).append(": ").append(value).append("\r\n");
  if (request.body || request.method == "PUT" || request.method == "POST") {
    head += "Content-Length: " + std::to_string(request.body_size) + "\r\n";
  }
  return head + "\r\n";
}

std::string connect_head(const HttpEndpoint& endpoint, const std::string& authorization) {
  const bool v6 = endpoint.host.find(':') != std::string::npos;
  const std::string server =
      (v6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" + std::to_string(endpoint.port);
  std::string head = "CONNECT " + server + " HTTP/1.1\r\nHost: " + server + "\r\n";
  if (!authorization.empty()) head += "Proxy-Authorization: " + authorization + "\r\n";
  return head + "\r\n";
}

Result<HttpUrl> parse_http_url(std::string_view text) {
  HttpUrl url;
  std::string_view rest = text;
  if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    url.endpoint.tls = false;
    url.endpoint.port = 80;
    rest.remove_prefix(7);
  } else {
    return bad_url(text, "it begins with neither https:// nor http://");
  }
  url.endpoint.host = take_host(rest);
  if (url.endpoint.host.empty()) return bad_url(text, "it names no host");
  if (rest.starts_with(':')) {
    const auto [end, code] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), url.endpoint.port);
    if (code != std::errc() || url.endpoint.port == 0)
      return bad_url(text, "its port is no number of 1 to 65535");
    rest.remove_prefix(static_cast<size_t>(end - rest.data()));
  }
  if (!rest.empty() && rest.front() != '/') return bad_url(text, "something odd follows the host");
  if (!all_visible(rest)) return bad_url(text, "its path has characters that must be percent-encoded");
  url.target = rest.empty() ? "/" : std::string(rest);
  return url;
}

}  // namespace cistern

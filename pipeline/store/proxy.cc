#include "pipeline/store/proxy.h"

#include <algorithm>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include "pipeline/ascii.h"
#include "pipeline/digest.h"
#include "pipeline/percent.h"

namespace cistern {
namespace {

namespace ip = boost::asio::ip;

bool in_network(const std::string& network, const ip::address& address) {
  boost::system::error_code code;
  if (address.is_v4()) {
    const auto wanted = ip::make_network_v4(network, code);
    return !code && ip::network_v4(address.to_v4(), wanted.prefix_length()).canonical() == wanted.canonical();
  }
  const auto wanted = ip::make_network_v6(network, code);
  return !code && ip::network_v6(address.to_v6(), wanted.prefix_length()).canonical() == wanted.canonical();
}

// Takes ":port" off the end of an item; an IPv6 address has several colons and no port, or brackets.
std::string without_port(std::string item, std::string& port) {
  if (item.starts_with('[')) {
    const size_t end = std::min(item.find(']'), item.size());
    if (item.size() > end + 1 && item[end + 1] == ':') port = item.substr(end + 2);
    return item.substr(1, end - 1);
  }
  const size_t colon = item.find(':');
  if (colon == item.npos || item.find(':', colon + 1) != item.npos) return item;
  port = item.substr(colon + 1);
  return item.substr(0, colon);
}

bool names(std::string item, const HttpEndpoint& server) {
  if (item == "*") return true;
  std::string port;
  item = without_port(lower(item), port);
  if (!port.empty() && port != std::to_string(server.port)) return false;
  boost::system::error_code code;
  const auto address = ip::make_address(server.host, code);
  if (!code) {
    boost::system::error_code other;
    const auto wanted = ip::make_address(item, other);
    return item.find('/') == item.npos ? !other && wanted == address : in_network(item, address);
  }
  while (item.starts_with('.') || item.starts_with('*')) item.erase(0, 1);
  const std::string host = lower(server.host);
  return !item.empty() && (host == item || host.ends_with("." + item));
}

}  // namespace

Result<HttpProxy> parse_proxy(std::string_view text) {
  constexpr const char* kForm = "store.proxy (or HTTPS_PROXY) must be http://[name:password@]host[:port]";
  if (text.starts_with("https://"))
    return invalid(std::string(kForm) + ": a proxy is spoken to in plain HTTP");
  std::string rest(text.starts_with("http://") ? text.substr(7) : text);
  HttpProxy proxy;
  if (const size_t at = rest.rfind('@'); at != rest.npos) {
    proxy.authorization = "Basic " + base64_encode(percent_decoded(std::string_view(rest).substr(0, at)));
    rest.erase(0, at + 1);
  }
  auto url = parse_http_url("http://" + rest);
  if (!url || url.value().target != "/") return invalid(kForm);
  proxy.endpoint = std::move(url.value().endpoint);
  return proxy;
}

bool bypasses_proxy(std::string_view no_proxy, const HttpEndpoint& server) {
  while (!no_proxy.empty()) {
    const size_t end = std::min(no_proxy.find_first_of(", "), no_proxy.size());
    if (end > 0 && names(std::string(no_proxy.substr(0, end)), server)) return true;
    no_proxy.remove_prefix(std::min(end + 1, no_proxy.size()));
  }
  return false;
}

Result<std::optional<HttpProxy>> choose_proxy(const std::string& proxy, const std::string& no_proxy,
                                              const HttpEndpoint& server) {
  if (proxy.empty() || !server.tls || bypasses_proxy(no_proxy, server)) return std::optional<HttpProxy>();
  CISTERN_TRY(auto parsed, parse_proxy(proxy));
  return std::optional<HttpProxy>(std::move(parsed));
}

}  // namespace cistern

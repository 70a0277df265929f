// See config_values.h.
#include "server/config_values.h"

#include <array>
#include <charconv>
#include <limits>

#include <arpa/inet.h>

namespace cistern {
namespace {

struct Unit {
  std::string_view name;
  uint64_t factor;
};
constexpr std::array<Unit, 10> kSizes{{{"TiB", TiB},
                                       {"GiB", GiB},
                                       {"MiB", MiB},
                                       {"KiB", KiB},
                                       {"TB", 1'000'000'000'000},
                                       {"GB", 1'000'000'000},
                                       {"MB", 1'000'000},
                                       {"kB", 1'000},
                                       {"B", 1},
                                       {"", 1}}};
constexpr std::array<Unit, 5> kDurations{
    {{"d", kDay}, {"h", kHour}, {"m", kMinute}, {"s", kSecond}, {"ms", 1}}};

// Takes the leading digits off `text`.
std::optional<uint64_t> take_number(std::string_view& text) {
  uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(end - text.data());
  return value;
}

std::string_view take_letters(std::string_view& text) {
  size_t length = 0;
  while (length < text.size() && (text[length] < '0' || text[length] > '9')) ++length;
  auto letters = text.substr(0, length);
  text.remove_prefix(length);
  return letters;
}

std::optional<uint64_t> times(uint64_t value, uint64_t factor) {
  if (value > std::numeric_limits<int64_t>::max() / factor) return std::nullopt;
  return value * factor;
}

bool is_address(const std::string& host, int family) {
  std::array<char, sizeof(in6_addr)> address{};
  return inet_pton(family, host.c_str(), address.data()) == 1;
}

}  // namespace

std::optional<uint64_t> parse_number(std::string_view text) {
  auto value = take_number(text);
  return text.empty() ? value : std::nullopt;
}

std::string print_number(uint64_t value) { return std::to_string(value); }

std::optional<uint64_t> parse_size(std::string_view text) {
  auto value = take_number(text);
  if (!value) return std::nullopt;
  for (const auto& unit : kSizes)
    if (text == unit.name) return times(*value, unit.factor);
  return std::nullopt;
}

std::string print_size(uint64_t bytes) {
  for (size_t i = 0; i < 4 && bytes != 0; ++i)
    if (bytes % kSizes[i].factor == 0)
      return std::to_string(bytes / kSizes[i].factor) + std::string(kSizes[i].name);
  return std::to_string(bytes);
}

std::optional<int64_t> parse_duration_ms(std::string_view text) {
  if (text == "0") return 0;
  uint64_t total = 0;
  size_t next = 0;  // units come in falling order, each once
  do {
    auto value = take_number(text);
    auto letters = take_letters(text);
    while (next < kDurations.size() && kDurations[next].name != letters) ++next;
    if (!value || next == kDurations.size()) return std::nullopt;
    auto part = times(*value, kDurations[next++].factor);
    if (!part || *part > std::numeric_limits<int64_t>::max() - total) return std::nullopt;
    total += *part;
  } while (!text.empty());
  return static_cast<int64_t>(total);
}

std::string print_duration_ms(int64_t ms) {
  for (const auto& unit : kDurations)
    if (ms != 0 && ms % static_cast<int64_t>(unit.factor) == 0)
      return std::to_string(ms / static_cast<int64_t>(unit.factor)) + std::string(unit.name);
  return "0s";
}

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto port = parse_number(text.substr(colon + 1));
  if (!port || *port > 65535) return std::nullopt;
  std::string host(text.substr(0, colon));
  bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!is_address(host, bracketed ? AF_INET6 : AF_INET)) return std::nullopt;
  return Endpoint{host, static_cast<uint16_t>(*port)};
}

std::string print_endpoint(const Endpoint& endpoint) {
  bool v6 = endpoint.host.find(':') != std::string::npos;
  return (v6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" + std::to_string(endpoint.port);
}

std::optional<bool> parse_boolean(std::string_view text) {
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

std::string print_boolean(bool value) { return value ? "true" : "false"; }

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  while (true) {
    auto comma = text.find(',');
    auto item = text.substr(0, comma);
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
    items.emplace_back(item);
    if (comma == std::string_view::npos) return items;
    text.remove_prefix(comma + 1);
  }
}

std::string join_list(const std::vector<std::string>& items) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ", ") + item;
  return text;
}

bool is_printable(std::string_view text) {
  size_t follow = 0;  // continuation bytes still due
  for (unsigned char c : text) {
    if (follow > 0) {
      if (c >> 6 != 2) return false;
      --follow;
    } else if (c < 0x20 || c == 0x7f || c >> 6 == 2 || c >= 0xf8 || c == 0xc0 || c == 0xc1) {
      return false;
    } else {
      follow = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
    }
  }
  return follow == 0;
}

}  // namespace cistern

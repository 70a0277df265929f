// The values that a setting may have, as text: 512MiB, 5m, 0.0.0.0:8443, true. Each pair of functions is
// exact in both directions: parse(print(x)) == x. Parsing gives nothing for whatever is not exactly of the
// form; what to tell the operator then is the table's matter. Pure functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cistern {

struct Endpoint {
  std::string host;  // an IPv4 or IPv6 address, without brackets
  uint16_t port = 0;
  bool operator==(const Endpoint&) const = default;
};

inline constexpr uint64_t KiB = 1ull << 10, MiB = 1ull << 20, GiB = 1ull << 30, TiB = 1ull << 40;
inline constexpr int64_t kSecond = 1000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;

std::optional<uint64_t> parse_number(std::string_view text);  // decimal digits
std::string print_number(uint64_t value);

// A number of B, KiB, MiB, GiB, TiB, or kB, MB, GB, TB; without a unit it is bytes.
std::optional<uint64_t> parse_size(std::string_view text);
std::string print_size(uint64_t bytes);

// Numbers of ms, s, m, h, d, the larger unit first: 30s, 1h30m. The unit is never left out, but for 0.
std::optional<int64_t> parse_duration_ms(std::string_view text);
std::string print_duration_ms(int64_t ms);

// Address and port: 0.0.0.0:8443, [::1]:8443. Port 0 lets the system choose.
std::optional<Endpoint> parse_endpoint(std::string_view text);
std::string print_endpoint(const Endpoint& endpoint);

std::optional<bool> parse_boolean(std::string_view text);  // true, false
std::string print_boolean(bool value);

// "a, b, c" -> {"a", "b", "c"}: how an environment variable gives a list.
std::vector<std::string> split_list(std::string_view text);
std::string join_list(const std::vector<std::string>& items);

bool is_printable(std::string_view text);  // UTF-8 without control characters

}  // namespace cistern

// Times in HTTP headers (RFC 9110, 5.6.7 and 10.2.3). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace cistern {

// "Fri, 24 May 2013 00:00:00 GMT" -> milliseconds since 1970; nothing for any other form.
std::optional<int64_t> parse_http_date(std::string_view text);

// Retry-After: seconds, or a date -> milliseconds from `wall_ms` on, never negative; nothing for neither.
std::optional<int64_t> parse_retry_after(std::string_view text, int64_t wall_ms);

}  // namespace cistern

// How long a server asks to be left alone (RFC 9110, 10.2.3). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace cistern {

// Retry-After: seconds, or a date -> milliseconds from `wall_ms` on, never negative; nothing for neither.
std::optional<int64_t> parse_retry_after(std::string_view text, int64_t wall_ms);

}  // namespace cistern

// Times as AWS's services write them, read. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace cistern {

// 2026-11-21T08:00:00Z, also with a fraction of a second and with an offset (+01:00). Milliseconds of the
// wall clock.
std::optional<int64_t> parse_iso_time(std::string_view text);

// The Date header: Sat, 21 Nov 2026 08:00:00 GMT (RFC 9110, 5.6.7; the obsolete forms are not taken).
std::optional<int64_t> parse_http_date(std::string_view text);

}  // namespace cistern

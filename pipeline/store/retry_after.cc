#include "pipeline/store/retry_after.h"

#include <algorithm>
#include <charconv>

#include "pipeline/store/aws_time.h"

namespace cistern {

std::optional<int64_t> parse_retry_after(std::string_view text, int64_t wall_ms) {
  constexpr int64_t kMostSeconds = 86'400;
  int64_t seconds = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, seconds);
  if (error == std::errc() && end == last && seconds >= 0) return std::min(seconds, kMostSeconds) * 1000;
  if (const auto date = parse_http_date(text)) return std::max<int64_t>(*date - wall_ms, 0);
  return std::nullopt;
}

}  // namespace cistern

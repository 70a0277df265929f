#include "pipeline/store/http_date.h"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace cistern {
namespace {

std::optional<int> digits(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

// Fri, 24 May 2013 00:00:00 GMT
// 0    5  8   12   17 20 23 26
std::optional<int64_t> parse_http_date(std::string_view text) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() != 29 || text.substr(25) != " GMT" || text[19] != ':' || text[22] != ':')
    return std::nullopt;
  const size_t month = kMonths.find(text.substr(8, 3));
  const auto day = digits(text.substr(5, 2)), year = digits(text.substr(12, 4)),
             hour = digits(text.substr(17, 2)), minute = digits(text.substr(20, 2)),
             second = digits(text.substr(23, 2));
  if (month == kMonths.npos || month % 3 != 0 || !day || !year || !hour || !minute || !second)
    return std::nullopt;
  using namespace std::chrono;
  const year_month_day date(std::chrono::year(*year),
                            std::chrono::month(static_cast<unsigned>(month / 3 + 1)),
                            std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const auto time = sys_days(date) + hours(*hour) + minutes(*minute) + seconds(*second);
  return duration_cast<milliseconds>(time.time_since_epoch()).count();
}

std::optional<int64_t> parse_retry_after(std::string_view text, int64_t wall_ms) {
  constexpr int64_t kMostSeconds = 86'400;
  if (const auto seconds = digits(text)) return std::min<int64_t>(*seconds, kMostSeconds) * 1000;
  if (const auto date = parse_http_date(text)) return std::max<int64_t>(*date - wall_ms, 0);
  return std::nullopt;
}

}  // namespace cistern

#include "pipeline/utc_time.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace cistern {

std::string utc_time(int64_t wall_ms) {
  using namespace std::chrono;
  constexpr int64_t kFirst = -62'167'219'200'000;  // 0000-01-01
  constexpr int64_t kLast = 253'402'300'799'999;   // 9999-12-31
  const sys_time<milliseconds> time{milliseconds(std::clamp(wall_ms, kFirst, kLast))};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

std::string utc_seconds(int64_t wall_ms) { return utc_time(wall_ms).erase(19, 4); }

std::string utc_basic(int64_t wall_ms) {
  std::string text = utc_seconds(wall_ms);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

}  // namespace cistern

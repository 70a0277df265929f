// A time as people write it: 2026-11-21T08:00:00.123Z.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

#include <time.h>

namespace cistern {

inline std::string utc_time(int64_t unix_ms) {
  const time_t seconds = unix_ms / 1000;
  tm parts{};
  char date[40] = "";
  if (unix_ms < 0 || gmtime_r(&seconds, &parts) == nullptr) return std::to_string(unix_ms) + " ms";
  strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
  char text[56];
  std::snprintf(text, sizeof text, "%s.%03dZ", date, static_cast<int>(unix_ms % 1000));
  return text;
}

}  // namespace cistern

// Times of the wall clock as ISO 8601 writes them, in UTC. What lies outside the years 0 to 9999 is taken to
// the nearest time within. Pure, any thread.
#pragma once

#include <cstdint>
#include <string>

namespace cistern {

inline constexpr int64_t kHourMs = 3'600'000;

std::string utc_time(int64_t wall_ms);     // 2026-11-21T08:00:00.123Z
std::string utc_seconds(int64_t wall_ms);  // 2026-11-21T08:00:00Z
std::string utc_basic(int64_t wall_ms);    // 20261121T080000Z

}  // namespace cistern

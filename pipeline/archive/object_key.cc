#include "pipeline/archive/object_key.h"

#include <chrono>
#include <cstdio>

namespace cistern {
namespace {

constexpr const char* kExtension = ".ndjson.gz";
constexpr int64_t kLastMs = 253'402'300'799'999;  // the end of the year 9999

std::string hour_name(int64_t ms) {
  if (ms < 0 || ms > kLastMs) return "out-of-range-time";
  using namespace std::chrono;
  const sys_time<hours> hour = floor<hours>(sys_time<milliseconds>(milliseconds(ms)));
  const year_month_day date(floor<days>(hour));
  char text[32];
  std::snprintf(text, sizeof text, "%04d%02u%02uT%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>((hour - floor<days>(hour)).count()));
  return text;
}

}  // namespace

std::string object_key(const std::string& partition, int64_t first_ms, const std::string& journal_id,
                       uint64_t sequence) {
  char number[24];
  std::snprintf(number, sizeof number, "%010llu", static_cast<unsigned long long>(sequence));
  return partition + hour_name(first_ms) + "-" + journal_id + "-" + number + kExtension;
}

std::string unsealed_key(const std::string& partition, int64_t first_ms, const std::string& journal_id) {
  return partition + hour_name(first_ms) + "-" + journal_id + "-unsealed" + kExtension;
}

}  // namespace cistern

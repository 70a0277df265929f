#include "pipeline/store/server_time.h"

#include <cstdlib>

#include "pipeline/log.h"
#include "pipeline/store/aws_time.h"

namespace cistern {
namespace {

constexpr int64_t kSameMs = 60'000;  // whole seconds and the answer's way make the header inexact

}  // namespace

bool ServerTime::learn(const HttpResponse& response) {
  const auto there = parse_http_date(find_header(response.headers, "Date"));
  if (!there) return false;
  int64_t skew = *there - clock_.wall_ms();
  if (std::llabs(skew) < kSameMs) skew = 0;
  const int64_t before = skew_ms_.exchange(skew, std::memory_order_relaxed);
  if (std::llabs(skew - before) < kSameMs) return false;
  log_warning(
      "clock_skew",
      "this machine's clock differs from the server's: set it; requests are signed with the server's time",
      {{"seconds", skew / 1000}});
  return true;
}

}  // namespace cistern

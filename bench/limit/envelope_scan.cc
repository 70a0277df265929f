#include "bench/limit/envelope_scan.h"

#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

namespace cistern {
namespace {

#if defined(__x86_64__)
// The next '"' from `at` on; there is one.
const char* find_quote(const char* at) {
  const __m128i quotes = _mm_set1_epi8('"');
  for (;; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const auto found = static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, quotes)));
    if (found != 0) return at + std::countr_zero(found);
  }
}
#else
const char* find_quote(const char* at) {
  while (*at != '"') ++at;
  return at;
}
#endif

}  // namespace

EnvelopeScan::EnvelopeScan(std::string_view json) : at_(json.data()), end_(json.data() + json.size()) {}

bool EnvelopeScan::skip(std::string_view text) {
  if (std::memcmp(at_, text.data(), text.size()) != 0) return false;
  at_ += text.size();
  return true;
}

// From behind the opening quote to behind the closing one.
bool EnvelopeScan::string(std::string_view& text) {
  const char* const first = at_;
  for (const char* quote = at_;; ++quote) {
    quote = find_quote(quote);
    if (quote >= end_) return false;
    const char* before = quote;
    while (before > first && before[-1] == '\\') --before;
    if ((quote - before) % 2 != 0) continue;
    text = {first, static_cast<size_t>(quote - first)};
    at_ = quote + 1;
    return true;
  }
}

bool EnvelopeScan::begin() {
  constexpr std::string_view kEvents = R"("logEvents":[)";
  if (!skip(R"({"messageType":"DATA_MESSAGE","owner":")") || !string(owner)) return false;
  if (!skip(R"(,"logGroup":")") || !string(log_group)) return false;
  if (!skip(R"(,"logStream":")") || !string(log_stream)) return false;
  const std::string_view rest(at_, static_cast<size_t>(end_ - at_));
  const size_t events = rest.find(kEvents);
  if (events == rest.npos) return false;
  at_ += events + kEvents.size();
  return true;
}

bool EnvelopeScan::next(ScannedEvent& event) {
  if (*at_ == ',') ++at_;
  if (!skip(R"({"id":")")) return false;
  event.id = {at_, 56};
  at_ += 56;
  if (!skip(R"(","timestamp":)")) return false;
  event.timestamp_ms = 0;
  for (; *at_ >= '0' && *at_ <= '9'; ++at_) event.timestamp_ms = 10 * event.timestamp_ms + (*at_ - '0');
  return skip(R"(,"message":")") && string(event.message) && skip("}");
}

}  // namespace cistern

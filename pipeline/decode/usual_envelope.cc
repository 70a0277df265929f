#include "pipeline/decode/usual_envelope.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include <simdjson.h>

#include "pipeline/buffer.h"
#include "pipeline/decode/envelope_parser.h"
#include "pipeline/decode/json_check.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace cistern {
namespace {

constexpr ptrdiff_t kMostDigits = 18;  // always within 64 bits

// The first byte from `at` on that cannot stand in a JSON string by itself, at `end` at the latest.
#if defined(__SSE2__)
const char* find_special(const char* at, const char* end) {
  static_assert(Buffer::kPadding >= 16);
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1f);
  for (; at < end; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i of_string = _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash));
    const __m128i special = _mm_or_si128(of_string, _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes));
    const auto found = static_cast<uint32_t>(_mm_movemask_epi8(special));
    if (found != 0) return std::min(at + std::countr_zero(found), end);
  }
  return end;
}
#else
const char* find_special(const char* at, const char* end) {
  while (at < end && *at != '"' && *at != '\\' && static_cast<uint8_t>(*at) >= 0x20) ++at;
  return at;
}
#endif

// Each reader takes what it names, or returns false and may stand anywhere.
class Reader {
 public:
  explicit Reader(std::string_view json) : at_(json.data()), end_(json.data() + json.size()) {}

  bool envelope(Envelope& envelope) {
    return literal(R"({"messageType":"DATA_MESSAGE","owner":)") && name(envelope.owner) &&
           literal(R"(,"logGroup":)") && name(envelope.log_group) && literal(R"(,"logStream":)") &&
           name(envelope.log_stream) && literal(R"(,"subscriptionFilters":)") &&
           filters(envelope.subscription_filters) && literal(R"(,"logEvents":[)");
  }

  bool event(LogEvent& event) {
    return literal(R"({"id":)") && string(event.id) && literal(R"(,"timestamp":)") &&
           number(event.timestamp_ms) && literal(R"(,"message":)") && string(event.message) && literal("}");
  }

  // The length is known when this is compiled, so that no function is called to compare a few bytes.
  template <size_t N>
  bool literal(const char (&text)[N]) {
    if (static_cast<size_t>(end_ - at_) < N - 1 || std::memcmp(at_, text, N - 1) != 0) return false;
    at_ += N - 1;
    return true;
  }

  bool at_end() const { return at_ == end_; }

 private:
  bool name(std::string_view& text) { return string(text) && text.size() <= kMostEnvelopeNameBytes; }

  bool filters(std::string_view& text) {
    const char* const start = at_;
    std::string_view filter;
    if (!literal("[")) return false;
    if (!literal("]")) {
      do {
        if (!string(filter)) return false;
      } while (literal(","));
      if (!literal("]")) return false;
    }
    text = {start, static_cast<size_t>(at_ - start)};
    return text.size() <= kMostFiltersBytes;
  }

  bool string(std::string_view& text) {
    if (!literal("\"")) return false;
    const char* const start = at_;
    for (;;) {
      at_ = find_special(at_, end_);
      if (at_ == end_) return false;
      if (*at_ == '"') break;
      const size_t escape = *at_ == '\\' ? escape_length(at_, end_) : 0;
      if (escape == 0) return false;
      at_ += escape;
    }
    text = {start, static_cast<size_t>(at_ - start)};
    ++at_;
    return true;
  }

  bool number(int64_t& number) {
    const char* const start = at_;
    for (number = 0; at_ < end_ && *at_ >= '0' && *at_ <= '9' && at_ - start < kMostDigits; ++at_) {
      number = 10 * number + (*at_ - '0');
    }
    const bool leading_zero = *start == '0' && at_ - start > 1;
    return at_ > start && !leading_zero;
  }

  const char* at_;
  const char* const end_;
};

bool read_events(Reader& reader, uint64_t max_events, std::vector<LogEvent>& events) {
  const size_t before = events.size();
  do {
    if (events.size() - before == max_events) return false;
    if (!reader.event(events.emplace_back())) return false;
  } while (reader.literal(","));
  return reader.literal("]}") && reader.at_end();
}

}  // namespace

bool read_usual_envelope(std::string_view json, uint64_t max_events, Envelope& envelope,
                         std::vector<LogEvent>& events) {
  const size_t before = events.size();
  Reader reader(json);
  envelope = {};
  const bool taken = reader.envelope(envelope) && read_events(reader, max_events, events) &&
                     simdjson::validate_utf8(json.data(), json.size());
  if (!taken) events.resize(before);
  return taken;
}

}  // namespace cistern

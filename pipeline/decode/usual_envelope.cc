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

constexpr ptrdiff_t kMaskBytes = 64;
constexpr ptrdiff_t kMostNumberDigits = 18;  // always within 64 bits

// Of the 64 bytes from `at` on, a bit for each that cannot stand in a JSON string by itself.
#if defined(__SSE2__)
uint64_t special_bytes(const char* at) {
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1f);
  uint64_t found = 0;
  for (int i = 0; i < 4; ++i) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + 16 * i));
    const __m128i of_string = _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash));
    const __m128i special = _mm_or_si128(of_string, _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes));
    found |= uint64_t{static_cast<uint32_t>(_mm_movemask_epi8(special))} << (16 * i);
  }
  return found;
}
#else
uint64_t special_bytes(const char* at) {
  uint64_t found = 0;
  for (int i = 0; i < kMaskBytes; ++i) {
    found |= uint64_t{at[i] == '"' || at[i] == '\\' || static_cast<uint8_t>(at[i]) < 0x20} << i;
  }
  return found;
}
#endif

// Finds the special bytes of a text from front to back: each block of it is looked at once, however many
// strings end in it and however much is escaped.
class SpecialBytes {
 public:
  SpecialBytes(const char* begin, const char* end) : block_end_(begin), end_(end) {
    static_assert(Buffer::kPadding >= kMaskBytes);
  }

  // The first one at or behind `at`, which never goes back; the end, when there is none.
  const char* next(const char* at) {
    for (;;) {
      if (at < block_end_) {
        const uint64_t left = found_ >> (kMaskBytes - (block_end_ - at));
        if (left != 0) return std::min(at + std::countr_zero(left), end_);
        at = block_end_;
      }
      if (at >= end_) return end_;
      found_ = special_bytes(at);
      block_end_ = at + kMaskBytes;
    }
  }

 private:
  uint64_t found_ = 0;     // in the block that ends at:
  const char* block_end_;  // may lie behind the end
  const char* const end_;
};

// Each reader takes what it names, or returns false and may stand anywhere.
class Reader {
 public:
  explicit Reader(std::string_view json)
      : at_(json.data()), end_(json.data() + json.size()), special_(at_, end_) {}

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
      at_ = special_.next(at_);
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
    for (number = 0; at_ < end_ && *at_ >= '0' && *at_ <= '9' && at_ - start < kMostNumberDigits; ++at_) {
      number = 10 * number + (*at_ - '0');
    }
    const bool leading_zero = *start == '0' && at_ - start > 1;
    return at_ > start && !leading_zero;
  }

  const char* at_;
  const char* const end_;
  SpecialBytes special_;
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

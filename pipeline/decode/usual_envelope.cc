#include "pipeline/decode/usual_envelope.h"

#include <cstring>

#include <simdjson.h>

#include "pipeline/buffer.h"
#include "pipeline/decode/decimal_text.h"
#include "pipeline/decode/envelope_parser.h"
#include "pipeline/decode/json_check.h"
#include "pipeline/decode/string_stops.h"

namespace cistern {
namespace {

static_assert(Buffer::kPadding >= kStopBytes);

// Each reader takes what it names, or returns false and may stand anywhere.
class Reader {
 public:
  explicit Reader(std::string_view json)
      : at_(json.data()), end_(json.data() + json.size()), stops_(at_, end_) {}

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
      at_ = stops_.next(at_);
      if (at_ == end_) return false;
      if (*at_ == '"') break;
      // A \u stops at its letter.
      const size_t escape = *at_ == 'u' ? escape_length(at_ - 1, end_) : 0;
      if (escape == 0) return false;
      at_ += escape - 1;
    }
    text = {start, static_cast<size_t>(at_ - start)};
    ++at_;
    return true;
  }

  bool number(int64_t& number) {
    const char* const start = at_;
    uint64_t value = 0;
    at_ = read_decimal(at_, value);
    number = static_cast<int64_t>(value);
    const bool leading_zero = *start == '0' && at_ - start > 1;
    return at_ > start && at_ <= end_ && !leading_zero;
  }

  const char* at_;
  const char* const end_;
  StringStops stops_;
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

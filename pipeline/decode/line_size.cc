#include "pipeline/decode/line_size.h"

#include <algorithm>

namespace cistern {
namespace {

using Field = LineFormat::Field;

constexpr uint64_t kPunctuation = 2;  // of an object that is empty
constexpr uint64_t kLongestNumber = 20;
constexpr uint64_t kShortIdGrows = 33;  // an id of few digits may have a short form of 32, or a '=' before it

uint64_t constant_size(Field field, const Envelope& envelope) {
  switch (field) {
    case Field::owner:
      return envelope.owner.size();
    case Field::log_group:
      return envelope.log_group.size();
    case Field::log_stream:
      return envelope.log_stream.size();
    case Field::subscription_filters:
      return envelope.subscription_filters.size();
    case Field::policy_level:
      return envelope.policy_level.size();
    default:
      return 0;
  }
}

// Of an event's value, what does not depend on the event; quotes of id and message are constant text.
uint64_t fixed_size(Field field, EventId id) {
  switch (field) {
    case Field::timestamp:
      return kLongestNumber;
    case Field::id:
      return id == EventId::short_ ? kShortIdGrows : 0;
    case Field::extracted_fields:
      return kPunctuation;
    default:
      return 0;
  }
}

bool has(const LineFormat& format, Field field) {
  return std::find(format.fields().begin(), format.fields().end(), field) != format.fields().end();
}

}  // namespace

LineSize::LineSize(const LineFormat& format) : format_(format), writer_(format) {}

void LineSize::begin(const Delivery& delivery) {
  writer_.begin({}, delivery);
  per_line_ = writer_.constant_bytes();
  for (const Field field : format_.fields()) per_line_ += fixed_size(field, format_.event_id());
}

uint64_t LineSize::of(const Envelope& envelope) const {
  uint64_t per_line = per_line_;
  for (const Field field : format_.fields()) per_line += constant_size(field, envelope);
  const bool id = has(format_, Field::id), message = has(format_, Field::message),
             extracted = has(format_, Field::extracted_fields);
  uint64_t bytes = per_line * envelope.events.size();
  for (const LogEvent& event : envelope.events) {
    bytes += (id ? event.id.size() : 0) + (message ? event.message.size() : 0) +
             (extracted ? event.extracted_fields.size() : 0);
  }
  return bytes;
}

}  // namespace cistern

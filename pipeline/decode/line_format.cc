// Strings of an envelope are copied as the escaped text they came as; only what comes from the request's head
// is escaped here.

#include "pipeline/decode/line_format.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "pipeline/decode/decimal_text.h"
#include "pipeline/decode/event_id.h"
#include "pipeline/decode/json_text.h"

namespace cistern {
namespace {

using Field = LineFormat::Field;

constexpr std::array<std::string_view, 13> kFieldNames{
    "timestamp",           "id",          "owner",           "logGroup",  "logStream", "message",
    "subscriptionFilters", "policyLevel", "extractedFields", "sourceArn", "requestId", "requestTimestamp",
    "commonAttributes"};

// An event's values at their longest: a number has 20 characters, a short id at most 33 more than the id.
size_t longest(const LogEvent& event) {
  return 64 + event.id.size() + event.message.size() + event.extracted_fields.size();
}

bool is_per_event(Field field) {
  return field == Field::timestamp || field == Field::id || field == Field::message ||
         field == Field::extracted_fields;
}

bool contains(const std::vector<Field>& fields, Field field) {
  return std::find(fields.begin(), fields.end(), field) != fields.end();
}

std::string allowed() {
  std::string text = "allowed are";
  for (const std::string_view name : kFieldNames) text.append(" ").append(name);
  return text;
}

// kLongestDecimal bytes have been reserved.
void append_number(int64_t number, Buffer& out) {
  const char* const end = write_decimal(number, out.data() + out.size());
  out.resize(static_cast<size_t>(end - out.data()));
}

// Quotes around such a value stand in the constant text.
bool is_text(Field field) { return field == Field::id || field == Field::message; }

constexpr size_t kStride = 32;
static_assert(Buffer::kPadding >= kStride);

// Constant text is short, so that calling memcpy for it costs more than copying whole strides: `text` may be
// read past its end, and `out` has a stride reserved beyond what is written.
void append_in_strides(const Buffer& text, Buffer& out) {
  char* const to = out.data() + out.size();
  for (size_t at = 0; at < text.size(); at += kStride) std::memcpy(to + at, text.data() + at, kStride);
  out.resize(out.size() + text.size());
}

void append_string(std::string_view escaped, Buffer& out) {
  out.append('"');
  out.append(escaped);
  out.append('"');
}

void append_json(std::string_view json, std::string_view if_empty, Buffer& out) {
  append_on_one_line(json.empty() ? if_empty : json, out);
}

void append_attributes(const Delivery& delivery, Buffer& out) {
  char before = '{';
  for (const auto& [name, value] : delivery.common_attributes) {
    out.append(before);
    append_quoted(name, out);
    out.append(':');
    append_quoted(value, out);
    before = ',';
  }
  out.append(delivery.common_attributes.empty() ? "{}" : "}");
}

void append_constant(Field field, const Envelope& envelope, const Delivery& delivery, Buffer& out) {
  switch (field) {
    case Field::owner:
      return append_string(envelope.owner, out);
    case Field::log_group:
      return append_string(envelope.log_group, out);
    case Field::log_stream:
      return append_string(envelope.log_stream, out);
    case Field::subscription_filters:
      return append_json(envelope.subscription_filters, "[]", out);
    case Field::policy_level:
      return append_string(envelope.policy_level, out);
    case Field::source_arn:
      return append_quoted(delivery.source_arn, out);
    case Field::request_id:
      return append_quoted(delivery.request_id, out);
    case Field::request_timestamp:
      out.reserve(out.size() + kLongestDecimal);
      return append_number(delivery.request_ms, out);
    case Field::common_attributes:
      return append_attributes(delivery, out);
    case Field::timestamp:
    case Field::id:
    case Field::message:
    case Field::extracted_fields:
      return;  // the event's own
  }
}

}  // namespace

std::string_view field_name(LineFormat::Field field) { return kFieldNames[static_cast<size_t>(field)]; }

Result<LineFormat> LineFormat::parse(const std::vector<std::string>& fields, EventId event_id) {
  LineFormat format;
  format.event_id_ = event_id;
  for (const std::string& name : fields) {
    const auto* const found = std::find(kFieldNames.begin(), kFieldNames.end(), name);
    if (found == kFieldNames.end())
      return invalid("field " + quoted(name, 64) + " is not known; " + allowed());
    const auto field = static_cast<Field>(found - kFieldNames.begin());
    if (contains(format.fields_, field)) return invalid("field " + quoted(name, 64) + " stands twice");
    format.fields_.push_back(field);
  }
  if (event_id == EventId::none) std::erase(format.fields_, Field::id);
  if (format.fields_.empty()) return invalid("there are no fields; " + allowed());
  if (event_id == EventId::short_ && contains(format.fields_, Field::id) &&
      !contains(format.fields_, Field::timestamp)) {
    return invalid("short event ids need the field timestamp too: ids are restored from it");
  }
  return format;
}

LineWriter::LineWriter(const LineFormat& format) : format_(format) {
  for (const Field field : format.fields()) {
    if (is_per_event(field)) slots_.push_back({field, Buffer()});
  }
}

void LineWriter::begin(const Envelope& envelope, const Delivery& delivery) {
  size_t slot = 0;
  for (Slot& each : slots_) each.before.clear();
  after_.clear();
  const auto constant = [&]() -> Buffer& { return slot < slots_.size() ? slots_[slot].before : after_; };
  std::string_view before = "{";
  for (const Field field : format_.fields()) {
    constant().append(before);
    append_string(field_name(field), constant());
    constant().append(is_text(field) ? ":\"" : ":");
    before = is_text(field) ? "\"," : ",";
    if (is_per_event(field)) {
      ++slot;
    } else {
      append_constant(field, envelope, delivery, constant());
    }
  }
  constant().append(before == "," ? "}\n" : "\"}\n");
  constant_bytes_ = after_.size();
  for (const Slot& each : slots_) constant_bytes_ += each.before.size();
}

void LineWriter::write(const LogEvent& event, Buffer& out) {
  out.reserve(out.size() + constant_bytes_ + longest(event) + kStride);  // once a line, not once a piece
  for (const Slot& slot : slots_) {
    append_in_strides(slot.before, out);
    write_value(slot.field, event, out);
  }
  append_in_strides(after_, out);
}

void LineWriter::write_value(Field field, const LogEvent& event, Buffer& out) const {
  if (field == Field::timestamp) {
    append_number(event.timestamp_ms, out);
  } else if (field == Field::message) {
    out.append_reserved(event.message);
  } else if (field == Field::extracted_fields) {
    append_json(event.extracted_fields, "{}", out);
  } else if (format_.event_id() == EventId::short_) {
    append_short_event_id(event.id, event.timestamp_ms, out);
  } else {
    out.append_reserved(event.id);
  }
}

}  // namespace cistern

// What one archived line looks like: the configured fields in their order, as members of one JSON object.
// Everything but the event's own values is rendered once per envelope, so that a line costs a few copies.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "pipeline/buffer.h"
#include "pipeline/delivery.h"
#include "pipeline/log_event.h"
#include "pipeline/result.h"

namespace cistern {

enum class EventId {
  full,    // as it came
  short_,  // see event_id.h; needs the timestamp in the line, from which the id is restored
  none,    // the field `id` is left out
};

// timestamp id owner logGroup logStream message, and on request: subscriptionFilters policyLevel
// extractedFields sourceArn requestId requestTimestamp commonAttributes. Types do not depend on what came:
// timestamps are numbers, subscriptionFilters an array, extractedFields and commonAttributes objects, all
// others strings; what an event does not have is empty.
class LineFormat {
 public:
  enum class Field {
    timestamp,
    id,
    owner,
    log_group,
    log_stream,
    message,
    subscription_filters,
    policy_level,
    extracted_fields,
    source_arn,
    request_id,
    request_timestamp,
    common_attributes
  };

  // Error `invalid` names the wrong field and what is allowed.
  static Result<LineFormat> parse(const std::vector<std::string>& fields, EventId event_id);

  const std::vector<Field>& fields() const { return fields_; }  // without `id` when there is none
  EventId event_id() const { return event_id_; }

 private:
  std::vector<Field> fields_;
  EventId event_id_ = EventId::full;
};

// The field's member name in a line.
std::string_view field_name(LineFormat::Field field);

// Writes the lines of one envelope at a time. Scratch is reused: one per worker thread. `format` must outlive
// it.
class LineWriter {
 public:
  explicit LineWriter(const LineFormat& format);
  void begin(const Envelope& envelope, const Delivery& delivery);
  // Appends one line with its '\n'.
  void write(const LogEvent& event, Buffer& out);
  // What each line of this envelope repeats.
  size_t constant_bytes() const { return constant_bytes_; }

 private:
  // The values that differ from event to event, each with the constant text before it.
  struct Slot {
    LineFormat::Field field;
    Buffer before;
  };
  void write_value(LineFormat::Field field, const LogEvent& event, Buffer& out) const;

  const LineFormat& format_;
  std::vector<Slot> slots_;
  Buffer after_;  // the constant text after the last of them
  size_t constant_bytes_ = 0;
};

}  // namespace cistern

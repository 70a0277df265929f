// What one archived line looks like: the configured fields in their order. Everything but the event's own
// values is rendered once per envelope, so that a line costs a few copies.
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
  short_,  // 32 hex digits below the timestamp where id >> 144 is the timestamp, else as it came
  none,    // the field `id` is left out
};

// timestamp id owner logGroup logStream message, and on request: subscriptionFilters policyLevel
// extractedFields sourceArn requestId requestTimestamp commonAttributes
class LineFormat {
 public:
  static Result<LineFormat> parse(const std::vector<std::string>& fields, EventId event_id);

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
  const std::vector<Field>& fields() const { return fields_; }
  EventId event_id() const { return event_id_; }

 private:
  std::vector<Field> fields_;
  EventId event_id_ = EventId::full;
};

// Writes the lines of one envelope at a time. Scratch is reused: one per worker thread.
class LineWriter {
 public:
  explicit LineWriter(const LineFormat& format);
  void begin(const Envelope& envelope, const Delivery& delivery);
  // Appends one line with its '\n'.
  void write(const LogEvent& event, Buffer& out);

 private:
  const LineFormat& format_;
  std::vector<std::string> constants_;
};

}  // namespace cistern

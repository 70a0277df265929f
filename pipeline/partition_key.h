// The key template: which partition an event belongs to, by its own timestamp in UTC and where it came from.
//
//   {yyyy} {mm} {dd} {hh}                     the event's hour
//   {owner} {log_group} {log_stream}          of its envelope
//   {source}                                  the delivery stream's name, from the source ARN
//   {attribute:NAME}                          a common attribute
//
// Values are made safe for keys reversibly and without collisions: see partition_key.cc. Timestamps outside
// 1970..9999 are rendered below `out-of-range-time/`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/delivery.h"
#include "pipeline/log_event.h"
#include "pipeline/result.h"

namespace cistern {

class KeyTemplate {
 public:
  // `prefix` is taken literally; errors name the offending part and what is allowed.
  static Result<KeyTemplate> parse(std::string_view prefix, std::string_view key);

  // The partition of an event; ends in '/' or is empty.
  std::string render(int64_t timestamp_ms, const Envelope& envelope, const Delivery& delivery) const;
  // Of a dead letter, by its delivery's time: `<prefix>dead-letters/{yyyy}/{mm}/{dd}/{hh}/` unless
  // configured.

  // Events with equal values here have equal keys within one envelope: the hour (or day, ... ) number of a
  // time.
  int64_t time_slot(int64_t timestamp_ms) const;

  struct Part {
    enum class Kind { literal, year, month, day, hour, owner, log_group, log_stream, source, attribute };
    Kind kind = Kind::literal;
    std::string text;  // a literal's text, an attribute's name
  };
  const std::vector<Part>& parts() const { return parts_; }

 private:
  std::vector<Part> parts_;
};

}  // namespace cistern

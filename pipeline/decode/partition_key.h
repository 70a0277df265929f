// The key template: which partition an event belongs to, by its own timestamp in UTC and where it came from.
//
//   {yyyy} {mm} {dd} {hh}                     the event's hour
//   {owner} {log_group} {log_stream}          of its envelope
//   {source}                                  the delivery stream's name, from the source ARN
//   {attribute:NAME}                          a common attribute
//
// A value is one stretch of a folder's name, whatever is in it. It is rendered so that it can be read back
// and no two values look alike:
//
//   A-Z a-z 0-9 . _ -            themselves; but a '.' at the beginning is %2E
//   every other byte of UTF-8    %XX, upper-case hex: '/' is %2F
//   the empty value              _none       (and a value that is "_none" is %5Fnone)
//   more than value_bound()      its beginning, '~', and 32 hex digits of its SHA-256: not readable back,
//                                still no two alike; lines carry the value itself
//
// Timestamps outside 1970..9999 are rendered below `<prefix>out-of-range-time/`, with zeros for digits.
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
  // A key is at most 1 024 bytes in S3, a folder's name 255 in a file system. What a template can render
  // stays below these, so that the store's own prefix and the object's name find room.
  static constexpr size_t kMostKeyBytes = 800;
  static constexpr size_t kMostFolderBytes = 240;

  // `prefix` is taken literally; a '/' is added when the whole does not end in one. Error `invalid` names the
  // offending part and what is allowed: unknown or unclosed {}, control characters, not UTF-8, a leading '/',
  // '//', a folder '.' or '..', too long, or so many values that less than 40 bytes were left for each.
  static Result<KeyTemplate> parse(std::string_view prefix, std::string_view key);

  // The partition of an event; ends in '/' or is empty. A dead letter's: its delivery's time and an empty
  // envelope.
  std::string render(int64_t timestamp_ms, const Envelope& envelope, const Delivery& delivery) const;

  // Events with equal values here have equal keys within one envelope: the hour or day number of a time.
  int64_t time_slot(int64_t timestamp_ms) const;
  // Whether keys depend on anything but the time and the delivery.
  bool depends_on_envelope() const;

  static bool in_range(int64_t timestamp_ms);  // 1970..9999

  struct Part {
    enum class Kind { literal, year, month, day, hour, owner, log_group, log_stream, source, attribute };
    Kind kind = Kind::literal;
    std::string text;  // a literal's text, an attribute's name
  };
  const std::vector<Part>& parts() const { return parts_; }  // without the prefix
  size_t value_bound() const { return value_bound_; }

 private:
  Result<> add_parts(std::string_view key);
  Result<> check_shape() const;
  Result<> set_bounds();

  std::string prefix_;
  std::vector<Part> parts_;
  size_t value_bound_ = 200;
  int64_t slot_ms_ = 0;  // 0: keys do not depend on the time
};

// A value as it stands in a key, and back (only for what was not cut at the bound).
std::string key_safe(std::string_view value, size_t bound);
std::string from_key_safe(std::string_view text);

}  // namespace cistern

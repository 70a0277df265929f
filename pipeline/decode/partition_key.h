// The key template: which partition an event belongs to, by its own timestamp in UTC and where it came from.
//
//   {yyyy} {mm} {dd} {hh}                     the event's hour
//   {owner} {log_group} {log_stream}          of its envelope
//   {source}                                  the delivery stream's name, from the source ARN
//   {attribute:NAME}                          a common attribute
//
//   {log_group:folders} {log_stream:export}   in the forms of other programs' keys: key_value.h
//
// A value is one stretch of a folder's name, whatever is in it: key_value.h.
//
// Objects have a name of their own (object_key.h), unless the last folder is one, which it is when it has one
// of these; they are of the object, stand as they are in the partition and are put in when it is sealed:
//
//   {minute} {second}                         of its earliest event
//   {uuid} {journal} {sequence}               by which no other object has this name
//
// Timestamps outside 1970..9999 are rendered below `<prefix>out-of-range-time/`, with zeros for digits.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/decode/key_value.h"
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
  // '//', a folder '.' or '..', an object's name that other objects may have or that is not .gz, too long, or
  // so many values that less than 40 bytes were left for each.
  static Result<KeyTemplate> parse(std::string_view prefix, std::string_view key);

  // The partition of an event; ends in '/', is empty, or ends in an object's name. A dead letter's: its
  // delivery's time and an empty envelope.
  std::string render(int64_t timestamp_ms, const Envelope& envelope, const Delivery& delivery) const;

  // Events with equal values here have equal keys within one envelope: the hour or day number of a time.
  int64_t time_slot(int64_t timestamp_ms) const;
  // Whether keys depend on anything but the time and the delivery.
  bool depends_on_envelope() const;

  static bool in_range(int64_t timestamp_ms);  // 1970..9999

  struct Part {
    enum class Kind {
      literal,
      year,
      month,
      day,
      hour,
      minute,  // these five are the object's
      second,
      uuid,
      journal,
      sequence,
      owner,
      log_group,
      log_stream,
      source,
      attribute,
      log_group_folders,
      log_stream_export
    };
    Kind kind = Kind::literal;
    std::string text{};  // a literal's text, an attribute's name

    bool is_time() const { return kind >= Kind::year && kind <= Kind::hour; }
    // What only the object's own name says: it stands as {word} in a partition, and object_key() puts it in.
    bool is_of_object() const { return kind >= Kind::minute && kind <= Kind::sequence; }
    bool is_value() const { return kind >= Kind::owner; }
  };
  const std::vector<Part>& parts() const { return parts_; }  // without the prefix
  size_t value_bound() const { return value_bound_; }

 private:
  Result<> add_parts(std::string_view key);
  Result<> check_shape() const;
  Result<bool> check_name() const;
  Result<> set_bounds();

  std::string prefix_;
  std::vector<Part> parts_;
  size_t value_bound_ = 200;
  int64_t slot_ms_ = 0;  // 0: keys do not depend on the time
};

}  // namespace cistern

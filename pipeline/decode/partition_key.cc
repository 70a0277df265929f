#include "pipeline/decode/partition_key.h"

#include <algorithm>
#include <array>
#include <functional>
#include <limits>

#include <simdjson.h>

#include "pipeline/decode/json_text.h"
#include "pipeline/digest.h"
#include "pipeline/utc_time.h"

namespace cistern {
namespace {

using Part = KeyTemplate::Part;
using Kind = Part::Kind;

constexpr int64_t kDayMs = 24 * kHourMs;
constexpr int64_t kYear10000Ms = 253'402'300'800'000;
constexpr int64_t kOutOfRangeSlot = std::numeric_limits<int64_t>::min();
constexpr std::string_view kOutOfRange = "out-of-range-time/", kSlashOutOfRange = "/out-of-range-time";
constexpr std::string_view kAttribute = "attribute:";
constexpr size_t kMostValueBytes = 200, kLeastValueBytes = 40;
constexpr size_t kMostBaseBytes = 20;  // of a journal id or a sequence

struct Placeholder {
  std::string_view text;
  Kind kind;
};
constexpr std::array<Placeholder, 15> kPlaceholders{{{"yyyy", Kind::year},
                                                     {"mm", Kind::month},
                                                     {"dd", Kind::day},
                                                     {"hh", Kind::hour},
                                                     {"owner", Kind::owner},
                                                     {"log_group", Kind::log_group},
                                                     {"log_stream", Kind::log_stream},
                                                     {"source", Kind::source},
                                                     {"log_group:folders", Kind::log_group_folders},
                                                     {"log_stream:export", Kind::log_stream_export},
                                                     {"minute", Kind::minute},
                                                     {"second", Kind::second},
                                                     {"uuid", Kind::uuid},
                                                     {"journal", Kind::journal},
                                                     {"sequence", Kind::sequence}}};

Error wrong(std::string_view part, std::string_view what) {
  return invalid("key template " + quoted(part, 80) + ": " + std::string(what));
}

// What stands between braces -> the part it names.
Result<Part> named_part(std::string_view name) {
  for (const Placeholder& known : kPlaceholders) {
    if (name == known.text) return Part{known.kind, {}};
  }
  if (name.starts_with(kAttribute) && name.size() > kAttribute.size()) {
    return Part{Kind::attribute, std::string(name.substr(kAttribute.size()))};
  }
  return wrong(
      "{" + std::string(name) + "}",
      "allowed are {yyyy} {mm} {dd} {hh} {owner} {log_group} {log_group:folders} {log_stream} "
      "{log_stream:export} "
      "{source} {attribute:NAME}, and in an object's name {minute} {second} {uuid} {journal} {sequence}");
}

std::string placeholder(Kind kind) {
  const auto name = std::find_if(kPlaceholders.begin(), kPlaceholders.end(),
                                 [&](const Placeholder& one) { return one.kind == kind; });
  return "{" + std::string(name->text) + "}";
}

// How a part's longest text looks, as far as slashes and lengths go.
std::string longest(const Part& part, size_t value_bytes) {
  if (part.kind == Kind::literal) return part.text;
  if (part.is_value()) return std::string(value_bytes, 'v');
  if (part.kind == Kind::uuid) return std::string(36, 'u');
  if (part.kind == Kind::journal || part.kind == Kind::sequence) return std::string(kMostBaseBytes, '0');
  return part.kind == Kind::year ? "0000" : "00";
}

struct Date {
  int64_t year;
  int64_t month;
  int64_t day;
};

// Days since 1970-01-01 -> the Gregorian date, for days >= 0. Counts years from 1 March, so that the leap day
// is the last of its year.
Date date_of(int64_t days) {
  const int64_t since = days + 719'468;  // since 0000-03-01
  const int64_t era = since / 146'097;   // of 400 years
  const int64_t day_of_era = since % 146'097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t march_month = (5 * day_of_year + 2) / 153;
  const int64_t month = march_month < 10 ? march_month + 3 : march_month - 9;
  return {era * 400 + year_of_era + (month <= 2 ? 1 : 0), month,
          day_of_year - (153 * march_month + 2) / 5 + 1};
}

void append_digits(int64_t number, int width, std::string& out) {
  const size_t end = out.size() + static_cast<size_t>(width);
  out.resize(end, '0');
  for (size_t at = end; at-- > end - static_cast<size_t>(width); number /= 10) {
    out[at] = static_cast<char>('0' + number % 10);
  }
}

int64_t time_value(Kind kind, int64_t timestamp_ms) {
  if (!KeyTemplate::in_range(timestamp_ms)) return 0;
  if (kind == Kind::hour) return timestamp_ms / kHourMs % 24;
  const Date date = date_of(timestamp_ms / kDayMs);
  return kind == Kind::year ? date.year : kind == Kind::month ? date.month : date.day;
}

// The name at the end of arn:aws:firehose:<region>:<account>:deliverystream/<name>.
std::string_view stream_name(std::string_view arn) {
  return arn.substr(arn.rfind('/') == arn.npos ? 0 : arn.rfind('/') + 1);
}

std::string value_of(const Part& part, const Envelope& envelope, const Delivery& delivery) {
  switch (part.kind) {
    case Kind::owner:
      return unescape(envelope.owner);
    case Kind::log_group:
    case Kind::log_group_folders:
      return unescape(envelope.log_group);
    case Kind::log_stream:
    case Kind::log_stream_export:
      return unescape(envelope.log_stream);
    case Kind::source:
      return std::string(stream_name(delivery.source_arn));
    default:
      break;
  }
  for (const auto& [name, value] : delivery.common_attributes) {
    if (name == part.text) return value;
  }
  return {};
}

std::string key_value(Kind kind, const std::string& value, size_t bound) {
  if (kind == Kind::log_group_folders) return key_folders(value, bound);
  return kind == Kind::log_stream_export ? key_export(value, bound) : key_safe(value, bound);
}

// One slash between that folder and what follows, also where this begins with one.
std::string_view out_of_range_before(const std::vector<Part>& parts) {
  const bool slash =
      !parts.empty() && parts.front().kind == Kind::literal && parts.front().text.starts_with('/');
  return slash ? kSlashOutOfRange : kOutOfRange;
}

// The folders a template renders to, split at '/'.
std::vector<std::string_view> folders_of(std::string_view key) {
  std::vector<std::string_view> folders;
  while (!key.empty()) {
    const size_t end = std::min(key.find('/'), key.size());
    folders.push_back(key.substr(0, end));
    key.remove_prefix(std::min(end + 1, key.size()));
  }
  return folders;
}

}  // namespace

Result<KeyTemplate> KeyTemplate::parse(std::string_view prefix, std::string_view key) {
  KeyTemplate made;
  made.prefix_ = prefix;
  CISTERN_TRY(made.add_parts(key));
  const bool empty = prefix.empty() && key.empty();
  CISTERN_TRY(const bool names_objects, made.check_name());
  if (!empty && !names_objects && !(key.empty() ? prefix : key).ends_with('/'))
    made.parts_.push_back({Kind::literal, "/"});
  CISTERN_TRY(made.check_shape());
  CISTERN_TRY(made.set_bounds());
  const auto has = [&](auto wanted) { return std::any_of(made.parts_.begin(), made.parts_.end(), wanted); };
  const bool hourly = has([](const Part& part) { return part.kind == Kind::hour; });
  made.slot_ms_ = hourly ? kHourMs : has(std::mem_fn(&Part::is_time)) ? kDayMs : 0;
  return made;
}

Result<> KeyTemplate::add_parts(std::string_view key) {
  while (!key.empty()) {
    const size_t brace = std::min(key.find_first_of("{}"), key.size());
    if (brace > 0) parts_.push_back({Kind::literal, std::string(key.substr(0, brace))});
    key.remove_prefix(brace);
    if (key.empty()) break;
    const size_t end = key.find_first_of("{}", 1);
    if (key.front() == '}' || end == key.npos || key[end] == '{') return wrong(key, "{ and } must match");
    CISTERN_TRY(auto part, named_part(key.substr(1, end - 1)));
    parts_.push_back(std::move(part));
    key.remove_prefix(end + 1);
  }
  return ok();
}

Result<> KeyTemplate::check_shape() const {
  std::string key = prefix_;
  for (const Part& part : parts_) key += longest(part, 1);
  const auto is_control = [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(key.begin(), key.end(), is_control)) return wrong(key, "control characters");
  if (!simdjson::validate_utf8(key.data(), key.size())) return wrong(key, "not UTF-8");
  for (const std::string_view folder : folders_of(key)) {
    if (folder.empty()) return wrong(key, "begins with '/' or has '//' in it");
    if (folder == "." || folder == "..") return wrong(key, "'.' or '..' is no folder's name");
  }
  return ok();
}

// Whether the last folder is an object's name: then it is one of its own for every object, and of gzip.
Result<bool> KeyTemplate::check_name() const {
  const auto first = std::find_if(parts_.begin(), parts_.end(), std::mem_fn(&Part::is_of_object));
  if (first == parts_.end()) return false;
  const auto has = [&](Kind kind) {
    return std::any_of(parts_.begin(), parts_.end(), [&](const Part& part) { return part.kind == kind; });
  };
  const std::string what = placeholder(first->kind);
  const bool folder = std::any_of(first, parts_.end(), [](const Part& part) {
    return part.kind == Kind::log_group_folders ||
           (part.kind == Kind::literal && part.text.find('/') != part.text.npos);
  });
  if (folder) return wrong(what, "may stand in an object's name only, after the last '/'");
  if (!has(Kind::uuid) && !(has(Kind::journal) && has(Kind::sequence)))
    return wrong(what,
                 "an object's name needs {uuid}, or {journal} and {sequence}, to be of one object only");
  if (!parts_.back().text.ends_with(".gz"))
    return wrong(what, "an object's name must end in .gz, by which readers know what it is");
  if (prefix_.find_first_of("{}") != prefix_.npos)
    return wrong(prefix_, "a prefix with { or } does not go together with an object's name");
  return true;
}

// Every value gets the same room: what the key's or a folder's bound leaves, divided by its values.
Result<> KeyTemplate::set_bounds() {
  const auto room = [](std::string_view text, size_t most) {
    const auto values = static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
    const size_t rest = text.size() - values;  // '\n' stands for a value: no literal has one
    return rest > most ? 0 : values == 0 ? kMostValueBytes : (most - rest) / values;
  };
  std::string key = prefix_ + std::string(out_of_range_before(parts_));
  for (const Part& part : parts_) key += part.is_value() ? "\n" : longest(part, 0);
  value_bound_ = std::min(kMostValueBytes, room(key, kMostKeyBytes));
  for (const std::string_view folder : folders_of(key)) {
    value_bound_ = std::min(value_bound_, room(folder, kMostFolderBytes));
  }
  if (value_bound_ >= kLeastValueBytes) return ok();
  std::replace(key.begin(), key.end(), '\n', '*');
  return wrong(key, "too long: a key has " + std::to_string(kMostKeyBytes) + " bytes and a folder " +
                        std::to_string(kMostFolderBytes) + ", of which each value needs " +
                        std::to_string(kLeastValueBytes));
}

std::string KeyTemplate::render(int64_t timestamp_ms, const Envelope& envelope,
                                const Delivery& delivery) const {
  std::string key = prefix_;
  if (slot_ms_ != 0 && !in_range(timestamp_ms)) key += out_of_range_before(parts_);
  for (const Part& part : parts_) {
    if (part.kind == Kind::literal) {
      key += part.text;
    } else if (part.is_value()) {
      key += key_value(part.kind, value_of(part, envelope, delivery), value_bound_);
    } else if (part.is_of_object()) {
      key += placeholder(part.kind);
    } else {
      append_digits(time_value(part.kind, timestamp_ms), part.kind == Kind::year ? 4 : 2, key);
    }
  }
  return key;
}

int64_t KeyTemplate::time_slot(int64_t timestamp_ms) const {
  if (slot_ms_ == 0) return 0;
  return in_range(timestamp_ms) ? timestamp_ms / slot_ms_ : kOutOfRangeSlot;
}

bool KeyTemplate::depends_on_envelope() const {
  return std::any_of(parts_.begin(), parts_.end(), [](const Part& part) {
    return (part.kind >= Kind::owner && part.kind <= Kind::log_stream) ||
           part.kind == Kind::log_group_folders || part.kind == Kind::log_stream_export;
  });
}

bool KeyTemplate::in_range(int64_t timestamp_ms) { return timestamp_ms >= 0 && timestamp_ms < kYear10000Ms; }

}  // namespace cistern

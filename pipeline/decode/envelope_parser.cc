// simdjson's on-demand parser checks encoding, strings' ends and control characters up front, and the
// structure as far as it is walked. What it leaves unchecked is checked here: escapes, values that are passed
// over or taken whole (is_json_value), and that nothing follows the document.

#include "pipeline/decode/envelope_parser.h"

#include <array>
#include <cstring>
#include <utility>

#include <simdjson.h>

#include "pipeline/buffer.h"
#include "pipeline/decode/json_check.h"
#include "pipeline/decode/json_text.h"
#include "pipeline/decode/usual_envelope.h"

namespace cistern {
namespace {

namespace ondemand = simdjson::ondemand;
static_assert(Buffer::kPadding >= simdjson::SIMDJSON_PADDING);

enum Member : uint32_t {
  message_type = 1 << 0,
  owner = 1 << 1,
  log_group = 1 << 2,
  log_stream = 1 << 3,
  subscription_filters = 1 << 4,
  policy_level = 1 << 5,
  log_events = 1 << 6,
  id = 1 << 7,
  timestamp = 1 << 8,
  message = 1 << 9,
  extracted_fields = 1 << 10,
  unknown = 1 << 11,
};
struct Name {
  std::string_view text;
  Member member;
};
constexpr std::array<Name, 7> kEnvelopeNames{{{"messageType", message_type},
                                              {"owner", owner},
                                              {"logGroup", log_group},
                                              {"logStream", log_stream},
                                              {"subscriptionFilters", subscription_filters},
                                              {"logEvents", log_events},
                                              {"policyLevel", policy_level}}};
constexpr std::array<Name, 4> kEventNames{
    {{"id", id}, {"timestamp", timestamp}, {"message", message}, {"extractedFields", extracted_fields}}};

constexpr uint64_t kMostDepth = 1000;                    // whatever is configured: the walk is recursive
constexpr size_t kKeptParserCapacity = size_t{4} << 20;  // scratch beyond it is given back after the document

// Member names as they stand between quotes; `text` begins after the opening quote.
template <size_t N>
Member find_name(const char* text, const std::array<Name, N>& names) {
  for (const Name& name : names) {
    // Padding makes reading a name's length past the document's end harmless.
    if (std::memcmp(text, name.text.data(), name.text.size()) == 0 && text[name.text.size()] == '"') {
      return name.member;
    }
  }
  return unknown;
}

// A name may be spelled with escapes and still be that name.
template <size_t N>
Member find_escaped_name(const char* text, const std::array<Name, N>& names) {
  size_t size = 0;
  bool escaped = false;
  for (; text[size] != '"'; ++size) {
    if (text[size] != '\\') continue;
    escaped = true;
    ++size;
  }
  if (!escaped) return unknown;
  const std::string plain = unescape({text, size});
  for (const Name& name : names) {
    if (plain == name.text) return name.member;
  }
  return unknown;
}

// Walks one document. What is not JSON ends the walk: functions then return false. A `problem_` does not,
// because whether the document is an envelope at all may only turn out at its end.
class Walk {
 public:
  Walk(std::string_view json, uint64_t max_depth, uint64_t max_events, Envelope& envelope,
       std::vector<LogEvent>& events)
      : json_(json), max_depth_(max_depth), max_events_(max_events), envelope_(envelope), events_(events) {}

  ParsedDocument run(ondemand::document& document) {
    ondemand::object object;
    if (document.get_object().get(object) != simdjson::SUCCESS || !walk_envelope(object)) return {};
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) return {};  // something follows
    return verdict();
  }

 private:
  bool walk_envelope(ondemand::object& object) {
    for (auto result : object) {
      ondemand::field field;
      if (std::move(result).get(field) != simdjson::SUCCESS) return false;
      if (!envelope_member(name_of(field, kEnvelopeNames), field.value())) return false;
    }
    return true;
  }

  bool envelope_member(Member member, ondemand::value& value) {
    note_repeat(member, seen_);
    switch (member) {
      case message_type:
        return string(value, message_type_, "messageType is not a string");
      case owner:
        return string(value, envelope_.owner, "owner is not a string");
      case log_group:
        return string(value, envelope_.log_group, "logGroup is not a string");
      case log_stream:
        return string(value, envelope_.log_stream, "logStream is not a string");
      case subscription_filters:
        return container(value, '[', envelope_.subscription_filters, "subscriptionFilters is not an array",
                         1);
      case policy_level:
        return optional_string(value, envelope_.policy_level, "policyLevel is not a string");
      case log_events:
        return walk_events(value);
      default:
        return pass_over(value, 1);
    }
  }

  bool walk_events(ondemand::value& value) {
    ondemand::array array;
    if (value.get_array().get(array) != simdjson::SUCCESS) {
      problem("logEvents is not an array");
      return pass_over(value, 1);
    }
    for (auto result : array) {
      if (result.error() != simdjson::SUCCESS) return false;
      ondemand::value element = result.value_unsafe();
      if (!walk_event(element)) return false;
    }
    return true;
  }

  bool walk_event(ondemand::value& value) {
    ondemand::object object;
    if (value.get_object().get(object) != simdjson::SUCCESS) {
      problem("a log event is not an object");
      return pass_over(value, 2);
    }
    LogEvent event;
    uint32_t seen = 0;
    for (auto result : object) {
      ondemand::field field;
      if (std::move(result).get(field) != simdjson::SUCCESS) return false;
      const Member member = name_of(field, kEventNames);
      note_repeat(member, seen);
      if (!event_member(member, field.value(), event)) return false;
    }
    keep(event, seen);
    return true;
  }

  bool event_member(Member member, ondemand::value& value, LogEvent& event) {
    switch (member) {
      case id:
        return string(value, event.id, "a log event's id is not a string");
      case timestamp:
        return integer(value, event.timestamp_ms);
      case message:
        return string(value, event.message, "a log event's message is not a string");
      case extracted_fields:
        return container(value, '{', event.extracted_fields, "a log event's extractedFields is not an object",
                         3);
      default:
        return pass_over(value, 3);
    }
  }

  void keep(const LogEvent& event, uint32_t seen) {
    if ((seen & id) == 0) problem("a log event has no id");
    if ((seen & timestamp) == 0) problem("a log event has no timestamp");
    if ((seen & message) == 0) problem("a log event has no message");
    if (++event_count_ <= max_events_) events_.push_back(event);
  }

  template <size_t N>
  static Member name_of(ondemand::field& field, const std::array<Name, N>& names) {
    const char* const text = field.key().raw();
    const Member member = find_name(text, names);
    return member != unknown ? member : find_escaped_name(text, names);
  }

  // simdjson measures a token by where the next one begins. Behind the last of a document that was cut off it
  // has nothing to measure by, and the length it then gives may be any: such a token is empty here.
  std::string_view token_of(ondemand::value& value) const {
    const std::string_view token = value.raw_json_token();
    return within(token) ? token : std::string_view();
  }
  bool within(std::string_view part) const {
    return part.data() >= json_.data() && part.data() <= json_.data() + json_.size() &&
           part.size() <= static_cast<size_t>(json_.data() + json_.size() - part.data());
  }

  // Every reader below takes its value whole and returns false only when the text is no JSON.

  bool string(ondemand::value& value, std::string_view& text, const char* wrong) {
    const std::string_view token = trim_json_space_end(token_of(value));
    simdjson::ondemand::raw_json_string taken;
    if (value.get_raw_json_string().get(taken) != simdjson::SUCCESS) {
      problem(wrong);
      return pass_over(value, 1);
    }
    if (token.size() < 2 || token.back() != '"') return false;
    text = token.substr(1, token.size() - 2);
    return true;
  }

  bool optional_string(ondemand::value& value, std::string_view& text, const char* wrong) {
    return is_null(value) ? pass_over(value, 1) : string(value, text, wrong);
  }

  bool integer(ondemand::value& value, int64_t& number) {
    if (value.get_int64().get(number) == simdjson::SUCCESS) return true;
    problem("a log event's timestamp is not an integer of 64 bits");
    return pass_over(value, 3);
  }

  bool container(ondemand::value& value, char open, std::string_view& text, const char* wrong,
                 uint64_t depth) {
    const std::string_view token = token_of(value);
    if (token.empty() || token.front() != open) {
      if (!is_null(value)) problem(wrong);
      return pass_over(value, depth);
    }
    return whole(value, depth, text);
  }

  bool pass_over(ondemand::value& value, uint64_t depth) {
    std::string_view text;
    return whole(value, depth, text);
  }

  // Takes a value of any kind as text, checked. `depth`: how many containers it stands in.
  bool whole(ondemand::value& value, uint64_t depth, std::string_view& text) {
    text = token_of(value);
    if (text.starts_with('{')) {
      ondemand::object object;
      if (value.get_object().get(object) || object.raw_json().get(text) || !within(text)) return false;
    } else if (text.starts_with('[')) {
      ondemand::array array;
      if (value.get_array().get(array) || array.raw_json().get(text) || !within(text)) return false;
    } else if (text.starts_with('"')) {
      // Taken explicitly: simdjson would mistake `"a":` for a member when it passes over a string by itself.
      simdjson::ondemand::raw_json_string taken;
      if (value.get_raw_json_string().get(taken)) return false;
    }
    text = trim_json_space_end(text);
    return is_json_value(text, max_depth_ > depth ? max_depth_ - depth : 0);
  }

  bool is_null(ondemand::value& value) const { return trim_json_space_end(token_of(value)) == "null"; }

  void note_repeat(Member member, uint32_t& seen) {
    if (member != unknown && (seen & member) != 0) problem("a member stands twice");
    seen |= member;
  }
  void problem(const char* what) {
    if (problem_ == nullptr) problem_ = what;
  }

  ParsedDocument verdict() {
    const std::string type = unescape(message_type_);
    const bool is_data = type == "DATA_MESSAGE", is_control = type == "CONTROL_MESSAGE";
    const bool has_both = (seen_ & message_type) != 0 && (seen_ & log_events) != 0;
    if (!is_data && !is_control && !has_both) return {DocumentKind::other};
    if (!is_data && !is_control) problem("messageType is neither DATA_MESSAGE nor CONTROL_MESSAGE");
    require(owner, "owner is missing");
    require(log_group, "logGroup is missing");
    require(log_stream, "logStream is missing");
    require(log_events, "logEvents is missing");
    check_sizes();
    if (problem_ != nullptr) return {DocumentKind::bad_envelope, problem_};
    if (event_count_ > max_events_) return {DocumentKind::too_many_events};
    return {is_control ? DocumentKind::control : DocumentKind::data};
  }
  void check_sizes() {
    for (const std::string_view name :
         {envelope_.owner, envelope_.log_group, envelope_.log_stream, envelope_.policy_level}) {
      if (name.size() > kMostEnvelopeNameBytes)
        problem("owner, logGroup, logStream or policyLevel has over 4096 bytes");
    }
    if (envelope_.subscription_filters.size() > kMostFiltersBytes) {
      problem("subscriptionFilters has over 16384 bytes");
    }
  }
  void require(Member member, const char* missing) {
    if ((seen_ & member) == 0) problem(missing);
  }

  const std::string_view json_;
  const uint64_t max_depth_;
  const uint64_t max_events_;
  Envelope& envelope_;
  std::vector<LogEvent>& events_;
  std::string_view message_type_;
  uint64_t event_count_ = 0;
  uint32_t seen_ = 0;
  const char* problem_ = nullptr;
};

}  // namespace

struct EnvelopeParser::Scratch {
  uint64_t max_depth;
  std::unique_ptr<ondemand::parser> parser = std::make_unique<ondemand::parser>();
};

EnvelopeParser::EnvelopeParser(uint64_t max_depth)
    : scratch_(new Scratch{.max_depth = std::min(max_depth, kMostDepth)}) {}
EnvelopeParser::~EnvelopeParser() = default;

ParsedDocument EnvelopeParser::parse(std::string_view json, uint64_t max_events, Envelope& envelope,
                                     std::vector<LogEvent>& events) {
  if (read_usual_envelope(json, max_events, envelope, events)) return {DocumentKind::data};
  const size_t events_before = events.size();
  ParsedDocument parsed;
  ondemand::document document;
  const simdjson::padded_string_view padded(json.data(), json.size(), json.size() + Buffer::kPadding);
  envelope = {};
  if (escapes_are_valid(json) && scratch_->parser->iterate(padded).get(document) == simdjson::SUCCESS) {
    parsed = Walk(json, scratch_->max_depth, max_events, envelope, events).run(document);
  }
  if (parsed.kind != DocumentKind::data) events.resize(events_before);
  if (scratch_->parser->capacity() > kKeptParserCapacity)
    scratch_->parser = std::make_unique<ondemand::parser>();
  return parsed;
}

bool begins_like_envelope(std::string_view text) {
  text = skip_json_space(text);
  if (!text.starts_with('{')) return false;
  text = skip_json_space(text.substr(1));
  for (const Name& name : kEnvelopeNames) {
    if (text.starts_with('"') && text.substr(1).starts_with(name.text)) {
      return text.find("\"messageType\"") != text.npos || text.find("\"logEvents\"") != text.npos;
    }
  }
  return false;
}

}  // namespace cistern

// See delivery_parser.h. Owned by the HTTP edge. simdjson's on-demand reader goes over the document once; a
// record costs a string_view.
#include "handlers/delivery_parser.h"

#include <charconv>
#include <cstring>
#include <string>

#include <simdjson.h>

namespace cistern {
namespace {

namespace ondemand = simdjson::ondemand;

// Scratch is up to six times the document: what a large one needed is not kept.
constexpr size_t kKeptCapacity = 1u << 20;

Error broken(simdjson::error_code code) {
  std::string reason = simdjson::error_message(code);
  while (reason.ends_with('.')) reason.pop_back();
  return invalid("The body is not the JSON document of a Firehose delivery: " + reason +
                 ". Check what stands between Firehose and this endpoint.");
}

Result<> once(bool& seen, const char* name) {
  if (seen) return invalid(std::string("The member '") + name + "' came twice in one object. Send it once.");
  seen = true;
  return ok();
}

// What a JSON writer may legally write in place of a base64 character: a backslash before '/', or \u and four
// hex digits. 0: something else.
char escaped_char(const char*& from, const char* end) {
  if (end - from < 2) return 0;
  if (from[1] == '/') {
    from += 2;
    return '/';
  }
  if (from[1] != 'u' || end - from < 6) return 0;
  unsigned code = 0;
  auto [stop, error] = std::from_chars(from + 2, from + 6, code, 16);
  if (error != std::errc() || stop != from + 6 || code < 32 || code > 126) return 0;
  from += 6;
  return static_cast<char>(code);
}

// Resolves escapes in place: the text only gets shorter.
Result<std::string_view> unescape(char* begin, char* end) {
  const char* from = begin;
  char* to = begin;
  while (from < end) {
    char c = *from == '\\' ? escaped_char(from, end) : *from++;
    if (c == 0) return invalid("it holds an escape that stands for no base64 character");
    *to++ = c;
  }
  return std::string_view(begin, to - begin);
}

// The text between the quotes of a string value, in the body itself.
Result<std::string_view> string_in_place(ondemand::value value, Buffer& body) {
  std::string_view token = value.raw_json_token();
  // Behind the last token of a document that was cut off simdjson has nothing to measure by: any length may
  // come.
  const size_t at = static_cast<size_t>(token.data() - body.data());
  if (at > body.size() || token.size() > body.size() - at) return invalid("the document is cut off");
  if (token.empty() || token.front() != '"') return invalid("it is not a string");
  size_t last = token.rfind('"');
  if (last == 0) return invalid("it is cut off");
  char* begin = body.data() + (token.data() - body.data()) + 1;
  char* end = begin + (last - 1);
  if (std::memchr(begin, '\\', end - begin) != nullptr) return unescape(begin, end);
  return std::string_view(begin, end - begin);
}

}  // namespace

struct DeliveryParser::State {
  ondemand::parser json;
  Delivery* delivery = nullptr;
  uint64_t max_records = 0;
  std::string id;
  bool has_id = false, has_timestamp = false, has_records = false;

  Result<> document();
  Result<> member(ondemand::field field);
  Result<> timestamp(ondemand::value value);
  Result<> records(ondemand::value value);
  Result<> record(ondemand::object object);
};

DeliveryParser::DeliveryParser() : state_(std::make_unique<State>()) {}
DeliveryParser::~DeliveryParser() = default;

Result<> DeliveryParser::State::document() {
  if (delivery->body.empty())
    return invalid("The body is empty. Send a Firehose delivery: {\"requestId\",\"timestamp\",\"records\"}.");
  const Buffer& body = delivery->body;
  ondemand::document root;
  ondemand::object object;
  if (auto code = json.iterate(body.data(), body.size(), body.capacity() + Buffer::kPadding).get(root))
    return broken(code);
  if (auto code = root.get_object().get(object)) return broken(code);
  for (auto each : object) {
    ondemand::field field;
    if (auto code = std::move(each).get(field)) return broken(code);
    CISTERN_TRY(member(std::move(field)));
  }
  if (root.current_location().error() != simdjson::OUT_OF_BOUNDS)
    return invalid("The body goes on after its JSON document.");
  return ok();
}

Result<> DeliveryParser::State::member(ondemand::field field) {
  std::string_view name;
  if (auto code = field.unescaped_key().get(name)) return broken(code);
  if (name == "requestId") {
    CISTERN_TRY(once(has_id, "requestId"));
    std::string_view text;
    if (field.value().get_string().get(text)) return invalid("The body's requestId is not a string.");
    id = text;
  } else if (name == "timestamp") {
    CISTERN_TRY(once(has_timestamp, "timestamp"));
    return timestamp(field.value());
  } else if (name == "records") {
    CISTERN_TRY(once(has_records, "records"));
    return records(field.value());
  }
  return ok();
}

Result<> DeliveryParser::State::timestamp(ondemand::value value) {
  if (value.get_int64().get(delivery->request_ms))
    return invalid("The body's timestamp is not a whole number of milliseconds.");
  return ok();
}

Result<> DeliveryParser::State::records(ondemand::value value) {
  ondemand::array array;
  if (value.get_array().get(array)) return invalid("The body's records are not an array.");
  for (auto each : array) {
    ondemand::object object;
    if (auto code = each.get_object().get(object)) {
      if (code == simdjson::INCORRECT_TYPE)
        return invalid("Record " + std::to_string(delivery->records.size()) + " is not an object.");
      return broken(code);
    }
    // Busy, not invalid: nothing is wrong with the data, and the sender keeps it either way.
    if (delivery->records.size() == max_records)
      return busy("The delivery has more than " + std::to_string(max_records) +
                  " records. Lower the buffer size of the Firehose destination, or raise limits.records.");
    CISTERN_TRY(record(object));
  }
  return ok();
}

Result<> DeliveryParser::State::record(ondemand::object object) {
  std::string number = std::to_string(delivery->records.size());
  bool has_data = false;
  for (auto each : object) {
    ondemand::field field;
    if (auto code = std::move(each).get(field)) return broken(code);
    std::string_view name;
    if (auto code = field.unescaped_key().get(name)) return broken(code);
    if (name != "data") continue;
    CISTERN_TRY(once(has_data, "data"));
    auto text = string_in_place(field.value(), delivery->body);
    if (!text) return invalid("The data of record " + number + " is not base64: " + text.error().what + ".");
    delivery->records.push_back(text.value());
  }
  if (!has_data) return invalid("Record " + number + " has no data. Send it as a base64 string.");
  return ok();
}

Result<> DeliveryParser::parse(Delivery& delivery, uint64_t max_records) {
  State& state = *state_;
  state.delivery = &delivery;
  state.max_records = max_records;
  state.id.clear();
  state.has_id = state.has_timestamp = state.has_records = false;
  delivery.records.clear();
  delivery.request_ms = delivery.arrived_ms;
  auto result = state.document();
  if (state.json.capacity() > kKeptCapacity) state.json = ondemand::parser();
  CISTERN_TRY(std::move(result));
  if (!state.has_id) return invalid("The body has no requestId. Send the one of X-Amz-Firehose-Request-Id.");
  if (state.id != delivery.request_id)
    return invalid("The body's requestId differs from the header X-Amz-Firehose-Request-Id. Send the same.");
  if (!state.has_records) return invalid("The body has no records.");
  return ok();
}

}  // namespace cistern

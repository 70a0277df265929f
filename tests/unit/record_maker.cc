#include "tests/unit/record_maker.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <zlib.h>

#include <nlohmann/json.hpp>

namespace cistern::test {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<const char*, 8> kWords{"GET /cart/42 200 12ms",
                                            "timeout after 3 retries",
                                            "user=7f3a",
                                            "naïve café ☕",
                                            "emoji 😀 done",
                                            "level=info",
                                            "2026-11-21T08:00:00Z",
                                            "START RequestId: 5f1c"};

std::string unicode_escape(uint16_t unit) {
  char text[8];
  std::snprintf(text, sizeof text, "\\u%04X", unit);
  return text;
}

}  // namespace

std::string MadeEnvelope::json() const {
  Json made{{"messageType", "DATA_MESSAGE"},
            {"owner", owner},
            {"logGroup", log_group},
            {"logStream", log_stream},
            {"subscriptionFilters", subscription_filters},
            {"logEvents", Json::array()}};
  for (const MadeEvent& event : events) {
    Json one{{"id", event.id}, {"timestamp", event.timestamp_ms}, {"message", event.message}};
    if (!event.extracted_fields.empty()) one["extractedFields"] = Json::parse(event.extracted_fields);
    made["logEvents"].push_back(std::move(one));
  }
  if (!policy_level.empty()) made["policyLevel"] = policy_level;
  return made.dump();
}

std::string control_message() {
  return R"({"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logGroup":"","logStream":"",)"
         R"("subscriptionFilters":[],"logEvents":[{"id":"","timestamp":1680683189085,)"
         R"("message":"CWL CONTROL MESSAGE: Checking health of destination Firehose."}]})";
}

std::string base64_of(std::string_view bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (size_t at = 0; at < bytes.size(); at += 3) {
    uint32_t group = 0;
    for (size_t i = at; i < at + 3; ++i) {
      group = group << 8 | (i < bytes.size() ? static_cast<uint8_t>(bytes[i]) : 0u);
    }
    for (int shift = 18; shift >= 0; shift -= 6) text.push_back(kDigits[group >> shift & 63]);
    if (at + 2 >= bytes.size()) text.back() = '=';
    if (at + 1 >= bytes.size()) text[text.size() - 2] = '=';
  }
  return text;
}

std::string gzip_of(std::string_view bytes) {
  z_stream stream{};
  if (deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) std::abort();
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) std::abort();
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string record_of(std::string_view envelope_json) { return base64_of(gzip_of(envelope_json)); }

std::string event_id_of(int64_t timestamp_ms, uint64_t low) {
  // Bytes of timestamp << 144 | ingestion << 80 | low, from the most significant; then schoolbook decimal.
  std::array<uint8_t, 24> number{};
  const auto put = [&number](uint64_t value, size_t end) {
    for (size_t i = 0; i < 8 && end > 0; ++i, value >>= 8) number[--end] |= static_cast<uint8_t>(value);
  };
  put(static_cast<uint64_t>(timestamp_ms), 6);
  put(static_cast<uint64_t>(timestamp_ms) + 1800, 14);
  put(low, 24);
  std::string digits;
  while (std::any_of(number.begin(), number.end(), [](uint8_t byte) { return byte != 0; })) {
    uint32_t rest = 0;
    for (uint8_t& byte : number) {
      rest = rest << 8 | byte;
      byte = static_cast<uint8_t>(rest / 10);
      rest %= 10;
    }
    digits.insert(digits.begin(), static_cast<char>('0' + rest));
  }
  return digits;
}

MadeEnvelope RecordMaker::envelope(size_t most_events, int64_t around_ms) {
  MadeEnvelope made;
  made.log_group = "/aws/lambda/service-" + std::to_string(below(20));
  if (below(4) == 0) made.policy_level = "ACCOUNT_LEVEL_POLICY";
  const uint64_t batch = random_() << 16;
  const uint64_t count = 1 + below(most_events);
  for (uint64_t i = 0; i < count; ++i) {
    MadeEvent event;
    event.timestamp_ms = around_ms + static_cast<int64_t>(below(10'000));
    event.id = event_id_of(event.timestamp_ms, batch + i);
    event.message = message();
    if (below(8) == 0)
      event.extracted_fields = R"({"@aws.account":"123456789012","@aws.region":"eu-west-1"})";
    made.events.push_back(std::move(event));
  }
  return made;
}

std::string RecordMaker::message() {
  std::string text;
  for (uint64_t words = below(12); words-- > 0;) text.append(kWords[below(kWords.size())]).append(" ");
  switch (below(8)) {
    case 0:
      return text + std::string("\0\x01\x1f\x7f", 4);
    case 1:
      return text + "\n\tat com.example.Cart(Cart.java:42)\r\n\n";
    case 2:
      return Json{{"level", "warn"}, {"text", text}, {"path", "C:\\temp\\\"x\""}}.dump();
    case 3:
      return text + "\u2028\u2029\ufeff";
    case 4:
      return std::string(below(3000), '\\') + "\"/";
    case 5:
      return std::string(below(20'000), 'x') + text;
    default:
      return text;
  }
}

std::string RecordMaker::space() {
  static constexpr std::array<const char*, 6> kSpaces{"", "", "", " ", "\n  ", "\t\r\n"};
  return kSpaces[below(kSpaces.size())];
}

// A JSON string that stands for `text`, with more escapes than are needed.
std::string RecordMaker::string(std::string_view text) {
  const std::string plain = Json(text).dump();
  std::string out;
  for (size_t at = 0; at < plain.size(); ++at) {
    const char c = plain[at];
    if (c == '\\') {
      const size_t length = plain[at + 1] == 'u' ? 6 : 2;
      out.append(plain, at, length);
      at += length - 1;
    } else if (c != '"' && static_cast<uint8_t>(c) < 0x80 && below(10) == 0) {
      out += c == '/' ? "\\/" : unicode_escape(static_cast<uint8_t>(c));
    } else {
      out.push_back(c);
    }
  }
  return out;
}

std::string RecordMaker::object(std::vector<std::pair<std::string, std::string>> members) {
  if (below(2) == 0) members.emplace_back("entity", R"({"a":[1,-2.5e+3,null,{"b":[]}],"messageType":"x"})");
  if (below(2) == 0) members.emplace_back("x", below(2) == 0 ? "true" : R"("{[\"\\")");
  for (size_t i = members.size(); i > 1; --i) std::swap(members[i - 1], members[below(i)]);
  std::string out = "{" + space();
  for (size_t i = 0; i < members.size(); ++i) {
    out += i == 0 ? "" : "," + space();
    out += string(members[i].first) + space() + ":" + space() + members[i].second + space();
  }
  return out + "}";
}

std::string RecordMaker::rewritten(const MadeEnvelope& envelope) {
  std::string events = "[" + space();
  for (const MadeEvent& event : envelope.events) {
    std::vector<std::pair<std::string, std::string>> members{
        {"id", string(event.id)},
        {"timestamp", std::to_string(event.timestamp_ms)},
        {"message", string(event.message)}};
    if (!event.extracted_fields.empty()) members.emplace_back("extractedFields", event.extracted_fields);
    events += (&event == envelope.events.data() ? "" : "," + space()) + object(std::move(members)) + space();
  }
  std::vector<std::pair<std::string, std::string>> members{
      {"messageType", string("DATA_MESSAGE")},
      {"owner", string(envelope.owner)},
      {"logGroup", string(envelope.log_group)},
      {"logStream", string(envelope.log_stream)},
      {"subscriptionFilters", Json(envelope.subscription_filters).dump(2)},
      {"logEvents", events + "]"}};
  if (!envelope.policy_level.empty()) members.emplace_back("policyLevel", string(envelope.policy_level));
  return object(std::move(members));
}

}  // namespace cistern::test

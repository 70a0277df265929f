// Firehose records as CloudWatch Logs makes them, from a seed: the same seed gives the same bytes.
// Independent of the pipeline: JSON by nlohmann-json, gzip by zlib, base64 of its own.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace cistern::test {

struct MadeEvent {
  std::string id;  // decimal, timestamp << 144 | low
  int64_t timestamp_ms = 0;
  std::string message;           // plain UTF-8
  std::string extracted_fields;  // JSON text, or empty
};

struct MadeEnvelope {
  std::string owner = "123456789012";
  std::string log_group = "/aws/lambda/checkout";
  std::string log_stream = "2026/11/21/[$LATEST]0123456789abcdef";
  std::vector<std::string> subscription_filters{"to-firehose"};
  std::string policy_level;  // empty: the member is left out
  std::vector<MadeEvent> events;

  std::string json() const;  // compact, members in the order AWS was seen to use
};

// What CloudWatch Logs sends when a filter is made, byte for byte.
std::string control_message();

std::string base64_of(std::string_view bytes);
std::string gzip_of(std::string_view bytes);  // one member
// What stands in a delivery's `data` for an envelope: base64 of gzip of its JSON.
std::string record_of(std::string_view envelope_json);

// The decimal id of an event; `low` are the low 64 bits, the 64 above them hold the ingestion time.
std::string event_id_of(int64_t timestamp_ms, uint64_t low);

class RecordMaker {
 public:
  explicit RecordMaker(uint64_t seed) : random_(seed) {}

  // Between one and `most_events` events within some seconds of `around_ms`, with messages of every kind:
  // plain, JSON, escapes, NUL, newlines, emoji, long ones.
  MadeEnvelope envelope(size_t most_events, int64_t around_ms = 1'795'248'000'000);
  std::string message();
  // The same document written in another way: members shuffled, spaces and newlines between tokens, unknown
  // members added, some characters as \u escapes.
  std::string rewritten(const MadeEnvelope& envelope);

  uint64_t below(uint64_t bound) { return random_() % bound; }  // not std::uniform: libraries differ

 private:
  std::string object(std::vector<std::pair<std::string, std::string>> members);
  std::string string(std::string_view text);
  std::string space();

  std::mt19937_64 random_;
};

}  // namespace cistern::test

// What the sender knows: each event that it ever sent, where it belongs, and whether a delivery that brought
// it was acknowledged. Events are told apart by identity:
//
//   CloudWatch     its event id, whichever delivery brings it
//   bare text      request id and line: equal lines of two deliveries are two events
//   dead letter    request id and datum
//
// Plain values.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace cistern::test {

struct SentEvent {
  std::string partition;  // how the key of its object begins
  std::string message;
  int64_t timestamp_ms = 0;
  uint64_t copies = 1;  // text only: how often the line stands in its delivery
  bool acknowledged = false;
};

using Ledger = std::map<std::string, SentEvent>;  // by identity

inline std::string text_identity(const std::string& request_id, const std::string& line) {
  return "text " + request_id + " " + line;
}
inline std::string dead_letter_identity(const std::string& request_id, const std::string& datum) {
  return "dead letter " + request_id + " " + datum;
}

}  // namespace cistern::test

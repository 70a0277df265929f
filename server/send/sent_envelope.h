// What the simulator puts into a record: one CloudWatch envelope with its events.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cistern {

struct SentEvent {
  std::string id;  // 56 decimal digits; empty for bare text
  int64_t timestamp_ms = 0;
  std::string message;  // UTF-8; a lone surrogate stands in its three-byte form (WTF-8)
};

struct SentEnvelope {
  std::string owner;
  std::string log_group;
  std::string log_stream;
  bool account_policy = false;   // adds `policyLevel`
  bool system_fields = false;    // adds `extractedFields` to each event
  bool unknown_members = false;  // adds members that no one has documented, at both levels
  std::vector<SentEvent> events;
};

}  // namespace cistern

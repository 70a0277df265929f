// Event ids as CloudWatch makes them, and request ids as Firehose does.
#pragma once

#include <cstdint>
#include <string>

#include "server/send/send_rng.h"

namespace cistern {

// 56 decimal digits (for times since 2001) such that id >> 144 is the event's timestamp and the low 16 bits
// count up within one envelope, as in every id captured from the real service. Unique within a run, and
// between runs of different `identity`.
class EventIds {
 public:
  explicit EventIds(uint64_t identity) : run_(scatter(identity) >> 16) {}
  void begin_envelope() {
    ++envelope_;
    event_ = 0;
  }
  std::string next(int64_t timestamp_ms);

 private:
  uint64_t run_;  // 48 bits
  uint64_t envelope_ = 0;
  uint32_t event_ = 0;
};

// A version 4 UUID.
std::string make_request_id(SendRng& rng);

}  // namespace cistern

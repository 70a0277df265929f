// Every bound on what one delivery may cost. Bytes unless the name says otherwise.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cistern {

struct Limits {
  uint64_t body_bytes = 128ull << 20;           // one request body on the wire
  uint64_t inflated_body_bytes = 128ull << 20;  // the same after Content-Encoding
  uint64_t records = 20'000;                    // one delivery (the protocol's own bound is 10 000)
  uint64_t inflated_record_bytes =
      64ull << 20;  // one record after gunzip, text also once escaped: beyond it, a dead letter
  uint64_t delivery_log_bytes = 2048ull
                                << 20;  // all records of a delivery after gunzip: beyond it, dead letters
  // All lines of a delivery: beyond it, dead letters. Lines repeat what their envelopes and the delivery have
  // in common, and so are more than the log: twice delivery_log_bytes, which one worker frames within
  // timeouts.reply.
  uint64_t delivery_line_bytes = 4096ull << 20;
  uint64_t events_per_record = 1'000'000;
  uint64_t json_depth = 64;
  // Deliveries being read or worked on, all connections together. Each counts twice its body: for itself, and
  // for the frames made of it, which compress no better than what Firehose had compressed.
  uint64_t in_flight_bytes = 256ull << 20;
  uint64_t long_head_bytes = 128ull << 20;    // request heads over 16 KiB, all connections together
  uint64_t partitions_per_delivery = 10'000;  // each is a frame: beyond it, dead letters
  uint64_t open_partitions = 10'000;
};

}  // namespace cistern

// What can be reached at most with the libraries that Cistern uses: deliveries in memory -> gzip NDJSON by
// hour, in one thread, with libdeflate, ISA-L and the envelope scan. No sockets, durability, checks, limits,
// metrics.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "bench/limit/envelope_scan.h"
#include "pipeline/codec.h"

namespace cistern {

class LimitPipeline {
 public:
  // Without a level lines are not compressed, only made.
  explicit LimitPipeline(std::optional<Level> level) : level_(level) {}

  void take(std::string_view body);
  // Ends the objects; how many bytes they have. The pipeline may go on with new ones.
  uint64_t finish();
  uint64_t lines() const { return lines_; }

 private:
  struct Object {
    Buffer lines;
    uint64_t bytes = 0;  // compressed
  };
  void take_log(std::string_view log);
  void compress(Object& object);

  const std::optional<Level> level_;
  Gunzip gunzip_;
  Gzip gzip_;
  Buffer datum_;
  Buffer log_;
  Buffer member_;
  std::map<int64_t, Object> objects_;  // by hour
  uint64_t lines_ = 0;
};

// One line of an event, between texts that are the same for its whole envelope.
void append_line(const ScannedEvent& event, std::string_view before_id, std::string_view before_message,
                 Buffer& out);

}  // namespace cistern

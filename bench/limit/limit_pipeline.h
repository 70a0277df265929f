// What a pipeline of the fastest libraries reaches: deliveries in memory -> gzip NDJSON by hour, in one
// thread, with libdeflate, ISA-L and the envelope scan. No sockets, durability, checks, limits, metrics.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "bench/limit/envelope_scan.h"
#include "bench/limit/fastest_gzip.h"
#include "bench/limit/libdeflate_gunzip.h"
#include "pipeline/codec.h"

namespace cistern {

// By the library that is taken for the fastest, libdeflate and, at the level `fastest`, ISA-L's level 1; or
// by what the service has chosen or made.
enum class By { libraries, service };

struct LimitCodecs {
  std::optional<Level> level;  // none: lines are not compressed, only made
  By inflating = By::libraries;
  By deflating = By::libraries;
};

class LimitPipeline {
 public:
  explicit LimitPipeline(const LimitCodecs& codecs) : codecs_(codecs) {}

  void take(std::string_view body);
  // Ends the objects; how many bytes they have. The pipeline may go on with new ones.
  uint64_t finish();
  uint64_t lines() const { return lines_; }

 private:
  struct Object {
    Buffer lines;
    uint64_t bytes = 0;  // compressed
  };
  bool inflate();  // datum_ into log_
  void take_log(std::string_view log);
  void compress(Object& object);

  const LimitCodecs codecs_;
  LibdeflateGunzip libdeflate_gunzip_;
  Gunzip gunzip_;
  Gzip gzip_;
  FastestGzip fastest_gzip_;
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

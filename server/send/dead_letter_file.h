// Dead letters as they lie in the archive, read back: one NDJSON line a record, gzipped or not.
//
//   {"reason":"bad_json","why":"…","requestId":"…","sourceArn":"…","requestTimestamp":1795248000000,
//    "record":3,"data":"…"}
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/result.h"

namespace cistern {

struct StoredDeadLetter {
  std::string request_id;  // of the delivery that brought it
  std::string source_arn;  // may be empty
  int64_t request_ms = 0;
  uint64_t record = 0;  // its place in that delivery
  std::string base64;   // as it came
};

// All of a file, which is held in memory. Errors: `invalid`, with file and line.
Result<std::vector<StoredDeadLetter>> read_dead_letters(const std::string& path);

}  // namespace cistern

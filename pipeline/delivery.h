// One authenticated Firehose request, parsed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/buffer.h"

namespace cistern {

// Owns the body that its records point into. Moved from stage to stage, never copied.
struct Delivery {
  std::string request_id;       // X-Amz-Firehose-Request-Id; printable
  std::string source_arn;       // X-Amz-Firehose-Source-Arn, or empty
  std::string access_key_name;  // which configured key let it in, never the key; empty: none are configured
  int64_t request_ms = 0;       // the body's `timestamp`: when Firehose made the request
  int64_t arrived_ms = 0;       // our clock when the head was read
  std::vector<std::pair<std::string, std::string>> common_attributes;  // in the order they came
  std::shared_ptr<void> lease;            // of the memory budget; declared before the body, ends after it
  Buffer body;                            // the JSON document, after Content-Encoding
  std::vector<std::string_view> records;  // each record's `data`: base64 text inside `body`
};

}  // namespace cistern

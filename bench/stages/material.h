// The same deliveries as every stage of the data path meets them: made once, then only read.
#pragma once

#include <string>
#include <vector>

#include "bench/deliveries/shape.h"
#include "pipeline/buffer.h"
#include "pipeline/delivery.h"

namespace cistern {

struct Material {
  std::vector<std::shared_ptr<const SendDelivery>> deliveries;
  Buffer gzip_body;                 // the first delivery's body as Content-Encoding: gzip
  std::vector<std::string> base64;  // each record's data
  std::vector<Buffer> datums;       // after base64
  std::vector<Buffer> logs;         // after gunzip
  std::vector<Buffer> lines;        // NDJSON in pieces of a gzip member's size
  uint64_t log_bytes = 0;           // of all deliveries
};

// Error `invalid`: the shape's own.
Result<Material> make_material(const Shape& shape);

}  // namespace cistern

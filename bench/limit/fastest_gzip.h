// gzip by the fastest library there is for it: ISA-L's level 1. What the service's own FastDeflate is read
// beside.
#pragma once

#include <string_view>
#include <vector>

#include <isa-l/igzip_lib.h>

#include "pipeline/buffer.h"

namespace cistern {

class FastestGzip {
 public:
  // Appends `bytes`, less than 4 GiB, to `out` as one gzip member.
  void run(std::string_view bytes, Buffer& out);

 private:
  isal_zstream stream_;
  std::vector<uint8_t> level_buffer_ = std::vector<uint8_t>(ISAL_DEF_LVL1_DEFAULT);
};

}  // namespace cistern

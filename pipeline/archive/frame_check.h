// Which frames can no longer be used: their bytes are not in memory and do not read from the journal, or they
// do not decompress to what was recorded.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pipeline/journal/journal.h"

namespace cistern {

struct BadFrame {
  size_t index = 0;
  std::string why;
};

// Reads and decompresses every frame: call it on a worker. In rising order.
std::vector<BadFrame> find_bad_frames(const FrameReader& journal, const std::vector<JournaledFrame>& frames);

}  // namespace cistern

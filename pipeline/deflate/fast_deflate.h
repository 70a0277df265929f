// deflate (RFC 1951) for lines of logs, faster than general ones at the size that their fastest levels make.
// It reads its input once: a block's codes are made of its first lines, and what follows is written as soon
// as it is found. One thread.
#pragma once

#include <memory>
#include <string_view>

#include "pipeline/buffer.h"
#include "pipeline/deflate/parse.h"

namespace cistern {

class FastDeflate {
 public:
  FastDeflate() : FastDeflate(ways_to_parse().front()) {}
  explicit FastDeflate(const ParseWay& way);
  ~FastDeflate();
  FastDeflate(FastDeflate&&) = delete;

  // Appends `bytes` as one stream: less than 4 GiB, that may be read Buffer::kPadding past their end. The
  // same bytes give the same stream.
  void run(std::string_view bytes, Buffer& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cistern

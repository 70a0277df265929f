// gzip both ways, with bounds. Objects of these classes hold scratch: one per thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "pipeline/buffer.h"
#include "pipeline/result.h"

namespace cistern {

// How hard to compress. 1..12 are libdeflate's levels; `fastest` is FastDeflate.
struct Level {
  static constexpr int kFastest = 0;
  int value = 6;
};

inline constexpr uint64_t kMostInflation = 1032;  // deflate cannot do better

class Gunzip {
 public:
  Gunzip();
  ~Gunzip();
  Gunzip(Gunzip&&) = delete;
  // Appends all members of `gzip` to `out`, checking every checksum. Errors: `invalid` for anything that is
  // not a whole gzip file (trailing zero bytes are let pass), `busy` when it would inflate past max_bytes;
  // never uses more memory than max_bytes and a constant.
  Result<> run(std::string_view gzip, uint64_t max_bytes, Buffer& out) {
    return run(gzip, max_bytes, out, nullptr);
  }
  // Asked before `out` takes up to `bytes` in all, which the trailers' sizes tell but for those that lie: an
  // error ends the run with it.
  using Grow = std::function<Result<>(uint64_t bytes)>;
  Result<> run(std::string_view gzip, uint64_t max_bytes, Buffer& out, const Grow& grow);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class Gzip {
 public:
  Gzip();
  ~Gzip();
  Gzip(Gzip&&) = delete;
  // Appends `bytes` to `out` as one gzip member, without a time stamp: the same input, level and library
  // version give the same output. At the level `fastest` they may be read Buffer::kPadding past their end.
  void run(std::string_view bytes, Level level, Buffer& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

bool starts_gzip(std::string_view bytes);  // 1f 8b 08

}  // namespace cistern

// The lines of a gzip file as they stream by: how many, and a digest of their text. Tells whether two files
// hold the same events, whichever compressor made them. Uses little memory whatever the size; one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "pipeline/digest.h"

namespace cistern {

struct LineFacts {
  uint64_t lines = 0;
  Digest256 digest{};
  bool operator==(const LineFacts&) const = default;
};

class GzipLines {
 public:
  GzipLines();
  ~GzipLines();
  GzipLines(GzipLines&&) = delete;
  // The next bytes, of one member or several. False: this is no gzip, or it is damaged.
  bool feed(std::string_view gzip);
  // After the last of them. Nullopt: it was no gzip, or breaks off.
  std::optional<LineFacts> finish();

 private:
  struct State;
  bool inflate_some();
  std::unique_ptr<State> state_;
};

}  // namespace cistern

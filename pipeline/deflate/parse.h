// Finds what a text repeats of itself, and gives it to a sink: literals, and matches in front of which they
// stand. The same from every kind of processor.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "pipeline/deflate/symbol_sinks.h"

namespace cistern {

// A text, and where its bytes were last seen. It is shorter than 4 GiB, and may be read kReadPast bytes past
// its end.
struct Window {
  static constexpr unsigned kHashBits = 13;
  static constexpr unsigned kReadPast = 128;

  std::string_view text;
  std::array<uint32_t, 1 << kHashBits> last_seen;  // by a hash of four bytes
};

// Takes the text from `at` to `to`, or to where a match that begins before `to` ends; returns where that is.
struct ParseWay {
  size_t (*keep)(Window& window, size_t at, size_t to, SampleKeeper& sink);
  size_t (*write)(Window& window, size_t at, size_t to, SymbolWriter& sink);
};

// All ways that this processor has, the fastest first.
std::span<const ParseWay> ways_to_parse();

}  // namespace cistern

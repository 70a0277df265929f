// Where a JSON string ends or needs a closer look: at a quote that no backslash stands before, a control
// character, or behind a backslash what is no escape of two characters. Found 64 bytes at a time and without
// a look at each escape, of which a message that is JSON itself has many.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace cistern {

inline constexpr size_t kStopBytes = 64;  // that one mask tells of, the first byte by its lowest bit

struct CharacterMasks {
  uint64_t quotes = 0, backslashes = 0;
  uint64_t controls = 0;       // below a space
  uint64_t short_escapes = 0;  // those of "\/bfnrt
  bool operator==(const CharacterMasks&) const = default;
};

// Of the 64 bytes from `text + 64 * i` on into masks[i].
using FindCharacters = void (*)(const char* text, std::span<CharacterMasks> masks);

// All ways that this processor has, the fastest first: the same masks from each.
std::span<const FindCharacters> ways_to_find_characters();

// Goes through a text from front to back. One thread.
class StringStops {
 public:
  // The text is [begin, end), may be read kStopBytes past its end, and does not begin behind a backslash.
  StringStops(const char* begin, const char* end) : end_(end), looked_to_(begin) {}

  // The first stop at or behind `at`, which never goes back and lies less than kLookedAt bytes further than
  // the last stop; the end, when there is none.
  const char* next(const char* at) {
    for (;; at += kStopBytes) {
      if (at >= end_) return end_;
      if (at >= looked_to_) look_further();
      const auto offset = static_cast<size_t>(kLookedAt - (looked_to_ - at));
      const size_t mask = offset / kStopBytes, bit = offset % kStopBytes;
      const uint64_t stops = stops_[mask] >> bit | stops_[mask + 1] << 1 << (kStopBytes - 1 - bit);
      if (stops != 0) return at + std::countr_zero(stops);
    }
  }

 private:
  static constexpr size_t kMasks = 32;
  static constexpr ptrdiff_t kLookedAt = kMasks * kStopBytes;

  void look_further();

  const char* const end_;
  const char* looked_to_;  // stops_ tell of the kLookedAt bytes before it, and of 64 behind
  uint64_t escaped_ = 0;   // 1: a backslash stands before looked_to_ that is not escaped itself
  std::array<uint64_t, kMasks + 1> stops_;  // the end and what is behind it count as stops
};

}  // namespace cistern

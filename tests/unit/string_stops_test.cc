#include "pipeline/decode/string_stops.h"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace cistern {
namespace {

constexpr std::string_view kTwoLetterEscapes = R"("\/bfnrt)";

// Every byte value among runs of none that matter, and rows of backslashes.
std::string any_text(size_t size, uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string text(size, 'a');
  for (char& c : text) {
    const uint64_t kind = random() % 60;
    if (kind < seed % 20) c = static_cast<char>(random());
    if (kind >= 40 && kind < 40 + seed % 20) c = '\\';
    if (kind == 39) c = "\"/bfnrtu"[random() % 8];
  }
  return text;
}

TEST(StringStops, EveryWayTellsAllByteValuesApart) {
  for (uint64_t seed = 0; seed < 400; ++seed) {
    const std::string text = any_text(5 * kStopBytes + 1, seed);
    for (const FindCharacters find : ways_to_find_characters()) {
      std::vector<CharacterMasks> masks(5);
      find(text.data() + seed % 2, masks);
      for (size_t i = 0; i < 5 * kStopBytes; ++i) {
        const char c = text[seed % 2 + i];
        const auto in = [&](uint64_t mask) { return (mask >> (i % kStopBytes) & 1) != 0; };
        const CharacterMasks& mask = masks[i / kStopBytes];
        ASSERT_EQ(in(mask.quotes), c == '"');
        ASSERT_EQ(in(mask.backslashes), c == '\\');
        ASSERT_EQ(in(mask.controls), static_cast<uint8_t>(c) < 0x20);
        ASSERT_EQ(in(mask.short_escapes), kTwoLetterEscapes.find(c) != kTwoLetterEscapes.npos);
      }
    }
  }
}

std::vector<size_t> stops_one_by_one(std::string_view text) {
  std::vector<size_t> stops;
  bool escaped = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool unescaped_quote = c == '"' && !escaped;
    const bool other_escape = escaped && kTwoLetterEscapes.find(c) == kTwoLetterEscapes.npos;
    if (unescaped_quote || other_escape || static_cast<uint8_t>(c) < 0x20) stops.push_back(i);
    escaped = c == '\\' && !escaped;
  }
  stops.push_back(text.size());
  return stops;
}

TEST(StringStops, AreFoundOneAfterTheOtherUpToTheEndAndNotBehindIt) {
  for (uint64_t seed = 0; seed < 1'000; ++seed) {
    const size_t size = seed * seed % 9'001;
    const std::string text = any_text(size, seed) + std::string(kStopBytes, '"');
    const std::vector<size_t> expected = stops_one_by_one(std::string_view(text).substr(0, size));
    StringStops stops(text.data(), text.data() + size);
    const char* at = text.data();
    for (const size_t stop : expected) {
      if (static_cast<size_t>(at - text.data()) > stop) continue;  // stepped over
      const char* const found = stops.next(at);
      ASSERT_EQ(static_cast<size_t>(found - text.data()), stop) << "of " << size << " seed " << seed;
      at = found + 1 + (seed + stop) % 3;
    }
  }
}

TEST(StringStops, NothingOfAnEmptyTextIsRead) {
  StringStops stops(nullptr, nullptr);
  EXPECT_EQ(stops.next(nullptr), nullptr);
}

}  // namespace
}  // namespace cistern

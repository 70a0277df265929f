// What a parse finds goes to one of two: for the first lines of a block it is kept and counted, to make the
// block's codes of it; what follows is written at once. Both are copied into registers by the loop that
// calls them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pipeline/deflate/bit_writer.h"
#include "pipeline/deflate/block_codes.h"
#include "pipeline/deflate/deflate_symbols.h"

namespace cistern {

// Literals, and what was found behind them.
struct Match {
  uint32_t literals;
  uint16_t length;
  uint16_t distance;
};

// Of the symbols of a block's beginning.
class SampleKeeper {
 public:
  SampleKeeper(std::vector<Match>& matches, SymbolCounts& counts) : matches_(&matches), counts_(&counts) {}

  [[gnu::always_inline]] uint32_t distance(uint32_t distance) const { return distance; }
  [[gnu::always_inline]] void match(const char* literals, size_t count, size_t length, uint32_t distance) {
    this->literals(literals, count);
    ++counts_->literals[kFirstLength + kLengths.symbol[length]];
    ++counts_->distances[distance_symbol(distance).symbol];
    matches_->push_back(
        {literals_since_match_, static_cast<uint16_t>(length), static_cast<uint16_t>(distance)});
    literals_since_match_ = 0;
  }
  [[gnu::always_inline]] void literals(const char* at, size_t count) {
    for (const char* const end = at + count; at < end; ++at) ++counts_->literals[static_cast<uint8_t>(*at)];
    literals_since_match_ += static_cast<uint32_t>(count);
  }

 private:
  std::vector<Match>* matches_;
  SymbolCounts* counts_;
  uint32_t literals_since_match_ = 0;
};

// The codes of four literals as one. Only the lowest six bits of a packed code are its length: what stands
// above them stays where it is when lengths are added.
struct FourCodes {
  static_assert(4 * BlockCodes::kLongestLiteral < 64);

  [[gnu::always_inline]] FourCodes(const BlockCodes& codes, const char* at)
      : first(codes.literal(static_cast<uint8_t>(at[0]))),
        second(codes.literal(static_cast<uint8_t>(at[1]))),
        third(codes.literal(static_cast<uint8_t>(at[2]))),
        fourth(codes.literal(static_cast<uint8_t>(at[3]))),
        end_of_second(uint64_t{first.packed} + second.packed),
        end_of_third(end_of_second + third.packed),
        end_of_fourth(end_of_third + fourth.packed) {}

  [[gnu::always_inline]] uint64_t bits() const {
    const uint64_t pair = first.bits() | second.bits() << first.length();
    const uint64_t other_pair = third.bits() | fourth.bits() << third.length();
    return pair | other_pair << (end_of_second & 63);
  }
  // Of the first `count` together; not a branch for how many they are.
  [[gnu::always_inline]] uint64_t length_of(size_t count) const {
    const uint64_t ends = uint64_t{first.length()} << 8 | (end_of_second & 63) << 16 |
                          (end_of_third & 63) << 24 | (end_of_fourth & 63) << 32;
    return ends >> (8 * count) & 63;
  }

  const PackedCode first, second, third, fourth;
  const uint64_t end_of_second, end_of_third, end_of_fourth;
};

class SymbolWriter {
 public:
  SymbolWriter(const BlockCodes& codes, BitWriter out) : codes_(&codes), out_(out) {}

  [[gnu::always_inline]] PackedBits distance(uint32_t distance) const { return codes_->distance(distance); }
  // Literals are read up to three bytes past their end.
  [[gnu::always_inline]] void match(const char* literals, size_t count, size_t length, PackedBits distance) {
    this->literals(literals, count);
    const PackedCode code = codes_->length(length);
    out_.add(code.bits(), code.length());
    out_.add(distance);
    out_.flush();
  }
  [[gnu::always_inline]] void literals(const char* at, size_t count) {
    for (; count > 4; at += 4, count -= 4) {
      const FourCodes codes(*codes_, at);
      out_.add(codes.bits(), codes.end_of_fourth & 63);
      out_.flush();
    }
    const FourCodes codes(*codes_, at);
    const uint64_t length = codes.length_of(count);
    out_.add(codes.bits() & ((uint64_t{1} << length) - 1), length);
    out_.flush();
  }
  void end_block() {
    out_.add(codes_->end_of_block().bits(), codes_->end_of_block().length());
    out_.flush();
  }
  const BitWriter& out() const { return out_; }

 private:
  const BlockCodes* codes_;
  BitWriter out_;
};

}  // namespace cistern

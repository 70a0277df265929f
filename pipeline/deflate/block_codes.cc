#include "pipeline/deflate/block_codes.h"

#include <algorithm>
#include <span>

namespace cistern {
namespace {

// A block's codes are told by their lengths, these by codes of their own (RFC 1951, 3.2.7).
constexpr size_t kLengthCodes = 19;
constexpr uint8_t kRepeat = 16, kFewZeros = 17, kManyZeros = 18;
constexpr std::array<uint8_t, kLengthCodes> kOrder{16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                   11, 4,  12, 3, 13, 2, 14, 1, 15};
constexpr unsigned kLongestLengthCode = 7;
constexpr size_t kFewestLengthCodes = 4;

constexpr unsigned kDynamicBlock = 2;  // RFC 1951, 3.2.3

// Counts of a sample weigh this much against one for each symbol there is.
constexpr uint32_t kSampleWeight = 4;

struct LengthRun {
  uint8_t symbol;
  uint8_t extra;
  unsigned extra_bits() const {
    return symbol == kRepeat ? 2 : symbol == kFewZeros ? 3 : symbol == kManyZeros ? 7 : 0;
  }
};

// All lengths in one row, runs of equal ones in short.
class LengthRuns {
 public:
  explicit LengthRuns(std::span<const uint8_t> lengths) {
    for (size_t at = 0; at < lengths.size();) {
      size_t run = 1;
      while (at + run < lengths.size() && lengths[at + run] == lengths[at]) ++run;
      add(lengths[at], run);
      at += run;
    }
  }
  std::span<const LengthRun> all() const { return std::span(runs_).first(count_); }

 private:
  void add(uint8_t length, size_t run) {
    if (length == 0) {
      run = repeat(kManyZeros, 11, 138, run);
      run = repeat(kFewZeros, 3, 10, run);
    } else {
      runs_[count_++] = {length, 0};
      run = repeat(kRepeat, 3, 6, run - 1);
    }
    for (; run > 0; --run) runs_[count_++] = {length, 0};
  }
  // What remains of the run.
  size_t repeat(uint8_t symbol, size_t fewest, size_t most, size_t run) {
    while (run >= fewest) {
      const size_t taken = std::min(run, most);
      runs_[count_++] = {symbol, static_cast<uint8_t>(taken - fewest)};
      run -= taken;
    }
    return run;
  }

  std::array<LengthRun, kMostHuffmanSymbols + kDistanceSymbols> runs_;
  size_t count_ = 0;
};

// What a dynamic block begins with.
class DynamicHeader {
 public:
  DynamicHeader(std::span<const HuffmanCode> literals, std::span<const HuffmanCode> distances)
      : literals_(used(literals, kFirstLength)),
        distances_(used(distances, 1)),
        runs_(lengths_of(literals, distances)) {
    std::array<uint32_t, kLengthCodes> counts{};
    for (const LengthRun run : runs_.all()) ++counts[run.symbol];
    make_huffman_codes(counts, kLongestLengthCode, codes_);
    while (code_count_ > kFewestLengthCodes && codes_[kOrder[code_count_ - 1]].length == 0) --code_count_;
  }

  uint64_t size_bits() const {
    uint64_t bits = 5 + 5 + 4 + 3 * code_count_;
    for (const LengthRun run : runs_.all()) bits += codes_[run.symbol].length + run.extra_bits();
    return bits;
  }

  void write(BitWriter& out) const {
    out.add(literals_ - kFirstLength, 5);
    out.add(distances_ - 1, 5);
    out.add(code_count_ - kFewestLengthCodes, 4);
    for (size_t i = 0; i < code_count_; ++i) {
      out.flush();
      out.add(codes_[kOrder[i]].length, 3);
    }
    for (const LengthRun run : runs_.all()) {
      out.flush();
      out.add(codes_[run.symbol].bits, codes_[run.symbol].length);
      out.add(run.extra, run.extra_bits());
    }
    out.flush();
  }

 private:
  // How many codes there are up to the last that is used.
  static size_t used(std::span<const HuffmanCode> codes, size_t fewest) {
    size_t count = codes.size();
    while (count > fewest && codes[count - 1].length == 0) --count;
    return count;
  }
  LengthRuns lengths_of(std::span<const HuffmanCode> literals, std::span<const HuffmanCode> distances) const {
    std::array<uint8_t, kMostHuffmanSymbols + kDistanceSymbols> lengths;
    for (size_t i = 0; i < literals_; ++i) lengths[i] = literals[i].length;
    for (size_t i = 0; i < distances_; ++i) lengths[literals_ + i] = distances[i].length;
    return LengthRuns(std::span(lengths).first(literals_ + distances_));
  }

  const size_t literals_, distances_;
  const LengthRuns runs_;
  std::array<HuffmanCode, kLengthCodes> codes_;
  size_t code_count_ = kLengthCodes;
};

// RFC 1951, 3.2.6.
unsigned fixed_length(size_t symbol) { return symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8; }
constexpr unsigned kFixedDistance = 5;

PackedCode packed(HuffmanCode code) { return {uint32_t{code.bits} << PackedBits::kCountBits | code.length}; }

// A code of fewer than two symbols is not whole, and not every inflate takes that.
void use_two_at_least(std::span<uint32_t> counts) {
  if (counts.size() - static_cast<size_t>(std::count(counts.begin(), counts.end(), 0u)) >= 2) return;
  for (uint32_t& count : counts.first(2)) count = std::max<uint32_t>(count, 1);
}

}  // namespace

void BlockCodes::fit(SymbolCounts counts) {
  make(counts);
  uint64_t dynamic =
      DynamicHeader(std::span(literal_codes_).first(kLiteralSymbols), distance_codes_).size_bits();
  uint64_t fixed = 0;
  for (size_t i = 0; i < kLiteralSymbols; ++i) {
    dynamic += uint64_t{counts.literals[i]} * literal_codes_[i].length;
    fixed += uint64_t{counts.literals[i]} * fixed_length(i);
  }
  for (size_t i = 0; i < kDistanceSymbols; ++i) {
    dynamic += uint64_t{counts.distances[i]} * distance_codes_[i].length;
    fixed += uint64_t{counts.distances[i]} * kFixedDistance;
  }
  fixed_ = fixed <= dynamic;
  if (fixed_) {
    for (size_t i = 0; i < literal_codes_.size(); ++i)
      literal_codes_[i].length = static_cast<uint8_t>(fixed_length(i));
    for (HuffmanCode& code : distance_codes_) code.length = kFixedDistance;
    number_huffman_codes(literal_codes_);
    number_huffman_codes(distance_codes_);
  }
  pack();
}

void BlockCodes::fit_sample(SymbolCounts counts) {
  for (uint32_t& count : counts.literals) count = count * kSampleWeight + 1;
  for (uint32_t& count : counts.distances) count = count * kSampleWeight + 1;
  make(counts);
  fixed_ = false;
  pack();
}

void BlockCodes::make(SymbolCounts& counts) {
  counts.literals[kEndOfBlock] = 1;
  use_two_at_least(counts.literals);
  use_two_at_least(counts.distances);
  literal_codes_ = {};  // two of them are the fixed code's alone
  make_huffman_codes(counts.literals, kLongestLiteral, std::span(literal_codes_).first(kLiteralSymbols));
  make_huffman_codes(counts.distances, kLongestHuffmanCode, distance_codes_);
}

void BlockCodes::pack() {
  for (size_t byte = 0; byte < literals_.size(); ++byte) literals_[byte] = packed(literal_codes_[byte]);
  end_of_block_ = packed(literal_codes_[kEndOfBlock]);
  for (size_t i = 0; i < kDistanceSymbols; ++i) distances_[i] = packed(distance_codes_[i]);
  for (size_t length = kShortestMatch; length <= kLongestMatch; ++length) {
    const uint8_t symbol = kLengths.symbol[length];
    const HuffmanCode code = literal_codes_[kFirstLength + symbol];
    const auto extra = static_cast<uint32_t>(length - kLengths.base[symbol]);
    const uint32_t bits = code.bits | extra << code.length;
    lengths_[length] = {bits << PackedBits::kCountBits |
                        static_cast<uint32_t>(code.length + kLengths.extra_bits[symbol])};
  }
}

void BlockCodes::write_header(BitWriter& out) const {
  out.add((fixed_ ? kFixedBlock : kDynamicBlock) << 1, 3);
  if (!fixed_) DynamicHeader(std::span(literal_codes_).first(kLiteralSymbols), distance_codes_).write(out);
  out.flush();
}

}  // namespace cistern

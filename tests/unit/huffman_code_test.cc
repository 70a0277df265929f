#include "pipeline/deflate/huffman_code.h"

#include <queue>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace cistern {
namespace {

std::vector<HuffmanCode> codes_for(const std::vector<uint32_t>& counts, unsigned longest) {
  std::vector<HuffmanCode> codes(counts.size());
  make_huffman_codes(counts, longest, codes);
  return codes;
}

uint64_t cost(const std::vector<uint32_t>& counts, const std::vector<HuffmanCode>& codes) {
  uint64_t bits = 0;
  for (size_t i = 0; i < counts.size(); ++i) bits += uint64_t{counts[i]} * codes[i].length;
  return bits;
}

// By the tree itself: every inner node costs a bit for all that is below it.
uint64_t cheapest(const std::vector<uint32_t>& counts) {
  std::priority_queue<uint64_t, std::vector<uint64_t>, std::greater<>> nodes;
  for (const uint32_t count : counts) {
    if (count > 0) nodes.push(count);
  }
  uint64_t bits = 0;
  while (nodes.size() > 1) {
    uint64_t sum = nodes.top();
    nodes.pop();
    sum += nodes.top();
    nodes.pop();
    nodes.push(sum);
    bits += sum;
  }
  return bits;
}

std::vector<uint32_t> any_counts(uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<uint32_t> counts(2 + random() % (kMostHuffmanSymbols - 1));
  for (uint32_t& count : counts)
    count = random() % 3 == 0 ? 0 : static_cast<uint32_t>(random()) >> (12 + random() % 20);
  counts.front() = counts.back() = 1;
  return counts;
}

// No code begins with another, and together they leave nothing out.
void expect_whole(const std::vector<HuffmanCode>& codes, unsigned longest) {
  uint64_t used = 0;
  for (const HuffmanCode& code : codes) {
    ASSERT_LE(code.length, longest);
    if (code.length > 0) used += uint64_t{1} << (longest - code.length);
  }
  EXPECT_EQ(used, uint64_t{1} << longest);
  for (const HuffmanCode& one : codes) {
    for (const HuffmanCode& other : codes) {
      if (&one == &other || one.length == 0 || other.length < one.length) continue;
      EXPECT_NE(one.bits, other.bits & ((1u << one.length) - 1));
    }
  }
}

TEST(HuffmanCode, CostsWhatTheTreeCosts) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const auto counts = any_counts(seed);
    std::vector<uint32_t> near(counts);
    for (uint32_t& count : near) count = count == 0 ? 0 : 1000 + count % 64;  // no tree of these is deep
    const auto codes = codes_for(near, kLongestHuffmanCode);
    expect_whole(codes, kLongestHuffmanCode);
    EXPECT_EQ(cost(near, codes), cheapest(near)) << seed;
  }
}

TEST(HuffmanCode, NoneIsLongerThanAllowed) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const auto counts = any_counts(seed);
    const auto codes = codes_for(counts, 9);
    expect_whole(codes, 9);
    for (size_t i = 0; i < counts.size(); ++i) EXPECT_EQ(codes[i].length > 0, counts[i] > 0);
  }
  std::vector<uint32_t> fibonacci(40, 1);
  for (size_t i = 2; i < fibonacci.size(); ++i) fibonacci[i] = fibonacci[i - 1] + fibonacci[i - 2];
  for (const unsigned longest : {6u, 7u, 14u, kLongestHuffmanCode}) {
    const auto codes = codes_for(fibonacci, longest);
    expect_whole(codes, longest);
    EXPECT_EQ(codes.front().length, longest);
    EXPECT_LE(codes.back().length, 2);
  }
}

// RFC 1951, 3.2.2: lengths (3, 3, 3, 3, 3, 2, 4, 4) have the codes 010 011 100 101 110 00 1110 1111.
TEST(HuffmanCode, AreNumberedAsTheStandardDoes) {
  std::vector<HuffmanCode> codes{{0, 3}, {0, 3}, {0, 3}, {0, 3}, {0, 3}, {0, 2}, {0, 4}, {0, 4}, {0, 0}};
  number_huffman_codes(codes);
  const std::vector<uint16_t> first_bit_lowest{0b010, 0b110, 0b001, 0b101, 0b011, 0b00, 0b0111, 0b1111, 0};
  for (size_t i = 0; i < codes.size(); ++i) EXPECT_EQ(codes[i].bits, first_bit_lowest[i]) << i;
}

}  // namespace
}  // namespace cistern

#include "pipeline/deflate/huffman_code.h"

#include <algorithm>
#include <array>

namespace cistern {
namespace {

// How many codes there are of each length.
using LengthCounts = std::array<uint32_t, kLongestHuffmanCode + 1>;

// Depths of the leaves of a Huffman tree, made in the place of their ascending counts: A. Moffat and
// J. Katajainen, "In-Place Calculation of Minimum-Redundancy Codes" (1995). First the inner nodes' counts
// take the place of leaves that are used up, and become their parents' places; then, from the root down,
// depths.
void make_depths(std::span<uint32_t> nodes) {
  const size_t count = nodes.size();
  size_t leaf = 0, root = 0;
  const auto take_smaller = [&](size_t next) {
    const bool inner = leaf >= count || (root < next && nodes[root] < nodes[leaf]);
    if (!inner) return nodes[leaf++];
    const uint32_t sum = nodes[root];
    nodes[root++] = static_cast<uint32_t>(next);
    return sum;
  };
  for (size_t next = 0; next + 1 < count; ++next) {
    const uint32_t first = take_smaller(next);
    nodes[next] = first + take_smaller(next);
  }
  nodes[count - 2] = 0;
  for (size_t i = count - 2; i-- > 0;) nodes[i] = nodes[nodes[i]] + 1;
}

// Leaves at each depth of a tree whose inner nodes' depths make_depths left; deeper ones count as `longest`.
LengthCounts count_leaves(std::span<const uint32_t> nodes, unsigned longest) {
  LengthCounts leaves{};
  size_t inner = nodes.size() - 1;  // not yet met; the root is the last of them
  uint32_t open = 1;                // nodes at this depth
  for (uint32_t depth = 0; open > 0; ++depth) {
    uint32_t inner_here = 0;
    while (inner > 0 && nodes[inner - 1] == depth) {
      --inner;
      ++inner_here;
    }
    leaves[std::min(depth, longest)] += open - inner_here;
    open = 2 * inner_here;
  }
  return leaves;
}

// Cutting the tree off gave too many codes of the longest length. Each turn takes one of them away and puts
// it beside the longest code that is shorter, both now one bit longer than that was.
void make_room(LengthCounts& codes, unsigned longest) {
  uint32_t used = 0;
  for (unsigned length = 1; length <= longest; ++length) used += codes[length] << (longest - length);
  for (; used > uint32_t{1} << longest; --used) {
    unsigned shorter = longest - 1;
    while (codes[shorter] == 0) --shorter;
    --codes[longest];
    --codes[shorter];
    codes[shorter + 1] += 2;
  }
}

// The lowest `length` bits, at least one, in the opposite order.
uint16_t reversed(uint32_t bits, unsigned length) {
  bits = (bits & 0x5555) << 1 | (bits >> 1 & 0x5555);
  bits = (bits & 0x3333) << 2 | (bits >> 2 & 0x3333);
  bits = (bits & 0x0f0f) << 4 | (bits >> 4 & 0x0f0f);
  bits = (bits & 0x00ff) << 8 | (bits >> 8 & 0x00ff);
  return static_cast<uint16_t>(bits >> (16 - length));
}

}  // namespace

void make_huffman_codes(std::span<const uint32_t> counts, unsigned longest, std::span<HuffmanCode> codes) {
  // Each a count and, below it, its symbol: sorted as one number.
  std::array<uint64_t, kMostHuffmanSymbols> sorted;
  size_t used = 0;
  for (size_t symbol = 0; symbol < counts.size(); ++symbol) {
    codes[symbol] = {};
    if (counts[symbol] > 0) sorted[used++] = uint64_t{counts[symbol]} << 16 | symbol;
  }
  std::sort(sorted.begin(), sorted.begin() + used);
  std::array<uint32_t, kMostHuffmanSymbols> nodes;
  for (size_t i = 0; i < used; ++i) nodes[i] = static_cast<uint32_t>(sorted[i] >> 16);
  make_depths(std::span(nodes).first(used));
  LengthCounts lengths = count_leaves(std::span(nodes).first(used), longest);
  make_room(lengths, longest);
  size_t rarest = 0;
  for (unsigned length = longest; length > 0; --length) {
    for (uint32_t i = 0; i < lengths[length]; ++i)
      codes[sorted[rarest++] & 0xffff].length = static_cast<uint8_t>(length);
  }
  number_huffman_codes(codes);
}

void number_huffman_codes(std::span<HuffmanCode> codes) {
  LengthCounts lengths{};
  for (const HuffmanCode& code : codes) ++lengths[code.length];
  lengths[0] = 0;
  LengthCounts next{};
  for (unsigned length = 1; length <= kLongestHuffmanCode; ++length)
    next[length] = (next[length - 1] + lengths[length - 1]) << 1;
  for (HuffmanCode& code : codes) {
    if (code.length > 0) code.bits = reversed(next[code.length]++, code.length);
  }
}

}  // namespace cistern

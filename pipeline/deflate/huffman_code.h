// Canonical Huffman codes as deflate has them (RFC 1951, 3.2.2), none longer than a given number of bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace cistern {

inline constexpr unsigned kLongestHuffmanCode = 15;
inline constexpr size_t kMostHuffmanSymbols = 288;

struct HuffmanCode {
  uint16_t bits = 0;   // as they are written: the code's first bit is the lowest
  uint8_t length = 0;  // in bits; 0: the symbol does not occur
};

// Codes for symbols by how often each occurs: the shorter, the more often. At least two symbols occur, at
// most kMostHuffmanSymbols and 2^longest; all counts together are less than 2^32. The same counts give the
// same codes.
void make_huffman_codes(std::span<const uint32_t> counts, unsigned longest, std::span<HuffmanCode> codes);

// The codes that belong to lengths which are set already.
void number_huffman_codes(std::span<HuffmanCode> codes);

}  // namespace cistern

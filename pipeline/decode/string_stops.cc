#include "pipeline/decode/string_stops.h"

#include <algorithm>
#include <string_view>

#include "pipeline/neon_bits.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace cistern {
namespace {

constexpr std::string_view kShortEscapes = R"("\/bfnrt)";

// A character is one of kShortEscapes when what the tables have for its two halves meets: a bit for each
// upper half that one of them has.
struct HalvesTables {
  constexpr HalvesTables() : lower(), upper() {
    for (const char c : kShortEscapes) {
      const int bit = 1 << (c / 16 - 2);  // 2 to 7
      lower[c % 16] = static_cast<uint8_t>(lower[c % 16] | bit);
      upper[c / 16] = static_cast<uint8_t>(bit);
    }
  }
  uint8_t lower[16], upper[16];
};
constexpr HalvesTables kHalves;

#if defined(__x86_64__)

#define CISTERN_AVX512 __attribute__((target("avx512bw")))

CISTERN_AVX512 void by_avx512(const char* text, std::span<CharacterMasks> masks) {
  const __m512i lower =
      _mm512_maskz_broadcast_i32x4(0xffff, _mm_loadu_si128(reinterpret_cast<const __m128i*>(kHalves.lower)));
  const __m512i upper =
      _mm512_maskz_broadcast_i32x4(0xffff, _mm_loadu_si128(reinterpret_cast<const __m128i*>(kHalves.upper)));
  for (CharacterMasks& mask : masks) {
    const __m512i bytes = _mm512_loadu_si512(text);
    mask.quotes = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('"'));
    mask.backslashes = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\\'));
    mask.controls = _mm512_cmplt_epu8_mask(bytes, _mm512_set1_epi8(' '));
    // A byte from 0x80 on selects nothing of the first table.
    const __m512i halves = _mm512_and_si512(_mm512_srli_epi16(bytes, 4), _mm512_set1_epi8(0x0f));
    mask.short_escapes =
        _mm512_test_epi8_mask(_mm512_shuffle_epi8(lower, bytes), _mm512_shuffle_epi8(upper, halves));
    text += kStopBytes;
  }
}

#undef CISTERN_AVX512

#define CISTERN_AVX2 __attribute__((target("avx2")))

CISTERN_AVX2 inline uint64_t bits(__m256i bytes) {
  return static_cast<uint32_t>(_mm256_movemask_epi8(bytes));
}

CISTERN_AVX2 void by_avx2(const char* text, std::span<CharacterMasks> masks) {
  const __m256i lower =
      _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(kHalves.lower)));
  const __m256i upper =
      _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(kHalves.upper)));
  const __m256i control = _mm256_set1_epi8(0x1f);
  for (CharacterMasks& mask : masks) {
    mask = {};
    for (int at = 0; at < 64; at += 32, text += 32) {
      const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text));
      mask.quotes |= bits(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"'))) << at;
      mask.backslashes |= bits(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'))) << at;
      mask.controls |= bits(_mm256_cmpeq_epi8(_mm256_min_epu8(bytes, control), bytes)) << at;
      const __m256i halves = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0f));
      const __m256i meet =
          _mm256_and_si256(_mm256_shuffle_epi8(lower, bytes), _mm256_shuffle_epi8(upper, halves));
      mask.short_escapes |= bits(_mm256_cmpgt_epi8(meet, _mm256_setzero_si256())) << at;
    }
  }
}

#undef CISTERN_AVX2

#elif defined(__aarch64__)

void by_neon(const char* text, std::span<CharacterMasks> masks) {
  const uint8x16_t lower = vld1q_u8(kHalves.lower), upper = vld1q_u8(kHalves.upper);
  for (CharacterMasks& mask : masks) {
    NeonBlock quotes, backslashes, controls, short_escapes;
    for (int i = 0; i < 4; ++i, text += 16) {
      const uint8x16_t bytes = vld1q_u8(reinterpret_cast<const uint8_t*>(text));
      quotes[i] = vceqq_u8(bytes, vdupq_n_u8('"'));
      backslashes[i] = vceqq_u8(bytes, vdupq_n_u8('\\'));
      controls[i] = vcltq_u8(bytes, vdupq_n_u8(' '));
      short_escapes[i] = vtstq_u8(vqtbl1q_u8(lower, vandq_u8(bytes, vdupq_n_u8(0x0f))),
                                  vqtbl1q_u8(upper, vshrq_n_u8(bytes, 4)));
    }
    mask = {bits_of(quotes), bits_of(backslashes), bits_of(controls), bits_of(short_escapes)};
  }
}

#endif

// What the others are compared with, and for processors that have none of them.
void one_by_one(const char* text, std::span<CharacterMasks> masks) {
  for (CharacterMasks& mask : masks) {
    mask = {};
    for (size_t i = 0; i < kStopBytes; ++i, ++text) {
      const char c = *text;
      mask.quotes |= uint64_t{c == '"'} << i;
      mask.backslashes |= uint64_t{c == '\\'} << i;
      mask.controls |= uint64_t{static_cast<uint8_t>(c) < 0x20} << i;
      mask.short_escapes |= uint64_t{kShortEscapes.find(c) != kShortEscapes.npos} << i;
    }
  }
}

struct Ways {
  Ways() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512bw")) all[count++] = by_avx512;
    if (__builtin_cpu_supports("avx2")) all[count++] = by_avx2;
#elif defined(__aarch64__)
    all[count++] = by_neon;
#endif
    all[count++] = one_by_one;
  }
  std::array<FindCharacters, 3> all{};
  size_t count = 0;
};

// Those that stand behind a backslash which is not escaped itself. `escaped`: whether the first does; then,
// whether the first of the next 64 does. Of backslashes in a row every second one escapes; which they are, a
// subtraction tells that runs through the row, as in G. Langdale and D. Lemire, "Parsing Gigabytes of JSON
// per Second" (2019), 3.1.1.
uint64_t escaped_characters(uint64_t backslashes, uint64_t& escaped) {
  constexpr uint64_t kOdd = 0xaaaaaaaaaaaaaaaa;
  const uint64_t escaping = backslashes & ~escaped;
  const uint64_t behind = (((escaping << 1) | kOdd) - escaping) ^ kOdd;
  const uint64_t characters = behind ^ (backslashes | escaped);
  escaped = (behind & backslashes) >> 63;
  return characters;
}

}  // namespace

std::span<const FindCharacters> ways_to_find_characters() {
  static const Ways ways;
  return std::span(ways.all).first(ways.count);
}

void StringStops::look_further() {
  static const FindCharacters find = ways_to_find_characters().front();
  const auto left = static_cast<size_t>(end_ - looked_to_);
  const size_t at_end = left / kStopBytes;  // the mask that has the end
  std::array<CharacterMasks, kMasks + 1> masks;
  const size_t looked_at = std::min(masks.size(), at_end + 1);
  find(looked_to_, std::span(masks).first(looked_at));
  uint64_t escaped = escaped_;
  for (size_t i = 0; i < looked_at; ++i) {
    if (i == kMasks) escaped_ = escaped;
    const uint64_t characters = escaped_characters(masks[i].backslashes, escaped);
    stops_[i] = masks[i].controls | (masks[i].quotes & ~characters) | (characters & ~masks[i].short_escapes);
  }
  if (at_end < stops_.size()) {
    stops_[at_end] |= ~uint64_t{0} << (left % kStopBytes);
    std::fill(stops_.begin() + static_cast<ptrdiff_t>(looked_at), stops_.end(), ~uint64_t{0});
  }
  looked_to_ += kLookedAt;
}

}  // namespace cistern

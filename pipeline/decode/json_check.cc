// Byte loops: the pieces are small, except for escapes_are_valid, which looks at 64 bytes at a time.

#include "pipeline/decode/json_check.h"

#include <algorithm>
#include <array>
#include <bit>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "pipeline/ascii.h"

namespace cistern {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// By the character behind the backslash: the escape's length, or 0.
constexpr std::array<uint8_t, 256> kEscapeLengths = [] {
  std::array<uint8_t, 256> lengths{};
  for (const char c : {'"', '\\', '/', 'b', 'f', 'n', 'r', 't'}) lengths[static_cast<uint8_t>(c)] = 2;
  lengths['u'] = 6;
  return lengths;
}();

constexpr size_t kBlock = 64;

// Bit i: whether at[i] is a backslash.
#if defined(__SSE2__)
uint64_t backslashes(const char* at) {
  const __m128i wanted = _mm_set1_epi8('\\');
  uint64_t found = 0;
  for (size_t i = 0; i < kBlock; i += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + i));
    const auto here = static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wanted)));
    found |= uint64_t{here} << i;
  }
  return found;
}
#else
uint64_t backslashes(const char* at) {
  uint64_t found = 0;
  for (size_t i = 0; i < kBlock; ++i) found |= uint64_t{at[i] == '\\'} << i;
  return found;
}
#endif

// A recursive-descent reader that keeps nothing but its place.
class Checker {
 public:
  Checker(std::string_view text, uint64_t max_depth)
      : at_(text.data()), end_(text.data() + text.size()), max_depth_(max_depth) {}

  bool whole() {
    space();
    if (!value(max_depth_)) return false;
    space();
    return at_ == end_;
  }

 private:
  void space() {
    while (at_ < end_ && is_space(*at_)) ++at_;
  }
  bool take(char wanted) {
    if (at_ == end_ || *at_ != wanted) return false;
    ++at_;
    return true;
  }
  bool word(std::string_view wanted) {
    if (!std::string_view(at_, static_cast<size_t>(end_ - at_)).starts_with(wanted)) return false;
    at_ += wanted.size();
    return true;
  }
  bool digits() {
    const char* const start = at_;
    while (at_ < end_ && is_digit(*at_)) ++at_;
    return at_ > start;
  }

  bool value(uint64_t depth) {
    if (at_ == end_) return false;
    switch (*at_) {
      case '{':
      case '[':
        return depth > 0 && container(*at_, depth - 1);
      case '"':
        return string();
      case 't':
        return word("true");
      case 'f':
        return word("false");
      case 'n':
        return word("null");
      default:
        return number();
    }
  }

  bool container(char open, uint64_t depth) {
    const char close = open == '{' ? '}' : ']';
    ++at_;
    space();
    if (take(close)) return true;
    do {
      space();
      if (open == '{' && !name()) return false;
      space();
      if (!value(depth)) return false;
      space();
    } while (take(','));
    return take(close);
  }

  bool name() {
    if (!string()) return false;
    space();
    return take(':');
  }

  bool string() {
    if (!take('"')) return false;
    while (at_ < end_ && *at_ != '"') {
      const size_t step = *at_ == '\\' ? escape_length(at_, end_) : static_cast<uint8_t>(*at_) >= 0x20;
      if (step == 0) return false;
      at_ += step;
    }
    return take('"');
  }

  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      return digits();
    }
    return true;
  }

  const char* at_;
  const char* const end_;
  const uint64_t max_depth_;
};

}  // namespace

size_t escape_length(const char* at, const char* end) {
  if (end - at < 2) return 0;
  const size_t length = kEscapeLengths[static_cast<uint8_t>(at[1])];
  if (length != 6) return length;
  return end - at >= 6 && std::all_of(at + 2, at + 6, is_hex_digit) ? 6 : 0;
}

bool escapes_are_valid(std::string_view json) {
  const char* const end = json.data() + json.size();
  const char* next = json.data();  // behind the last escape
  const auto valid_from = [&](const char* at, uint64_t found) {
    for (; found != 0; found &= found - 1) {
      const char* const backslash = at + std::countr_zero(found);
      if (backslash < next) continue;  // the second half of an escape
      const size_t length = escape_length(backslash, end);
      if (length == 0) return false;
      next = backslash + length;
    }
    return true;
  };
  const char* at = json.data();
  for (; static_cast<size_t>(end - at) >= kBlock; at += kBlock) {
    if (!valid_from(at, backslashes(at))) return false;
  }
  char rest[kBlock] = {};
  std::copy(at, end, rest);
  return valid_from(at, backslashes(rest));
}

bool is_json_value(std::string_view text, uint64_t max_depth) { return Checker(text, max_depth).whole(); }

std::string_view first_json_document(std::string_view text) {
  uint64_t depth = 0;
  bool in_string = false;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\') ++at;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth-- <= 1) return text.substr(0, at + 1);
    }
  }
  return {};
}

std::string_view skip_json_space(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return text;
}

std::string_view trim_json_space_end(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace cistern

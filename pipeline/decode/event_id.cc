// Ids as 192-bit numbers, in three limbs of 64 bits, the lowest first.

#include "pipeline/decode/event_id.h"

#include <algorithm>
#include <array>

#include "pipeline/ascii.h"

namespace cistern {
namespace {

__extension__ typedef unsigned __int128 Wide;
using Limbs = std::array<uint64_t, 3>;

constexpr size_t kHexDigits = 32;
constexpr size_t kMostIdDigits = 58;                     // of 2^192: multiply_add sees what does not fit
constexpr size_t kStepDigits = 19;                       // digits that fit one limb
constexpr uint64_t kStep = 10'000'000'000'000'000'000u;  // 10^19

bool is_short_id_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_short(std::string_view id) {
  return id.size() == kHexDigits && std::all_of(id.begin(), id.end(), is_short_id_digit);
}

// limbs = limbs * factor + addend. False when that does not fit.
bool multiply_add(Limbs& limbs, uint64_t factor, uint64_t addend) {
  Wide carry = addend;
  for (uint64_t& limb : limbs) {
    carry += static_cast<Wide>(limb) * factor;
    limb = static_cast<uint64_t>(carry);
    carry >>= 64;
  }
  return carry == 0;
}

// limbs /= divisor; the remainder comes back.
uint64_t divide(Limbs& limbs, uint64_t divisor) {
  Wide rest = 0;
  for (size_t i = limbs.size(); i-- > 0;) {
    rest = rest << 64 | limbs[i];
    limbs[i] = static_cast<uint64_t>(rest / divisor);
    rest %= divisor;
  }
  return static_cast<uint64_t>(rest);
}

bool parse_decimal(std::string_view digits, Limbs& limbs) {
  if (digits.empty() || digits.size() > kMostIdDigits || digits.front() == '0') return false;
  while (!digits.empty()) {
    const std::string_view step = digits.substr(0, kStepDigits);
    digits.remove_prefix(step.size());
    uint64_t value = 0, factor = 1;
    for (const char c : step) {
      if (c < '0' || c > '9') return false;
      value = value * 10 + static_cast<uint64_t>(c - '0');
      factor *= 10;
    }
    if (!multiply_add(limbs, factor, value)) return false;
  }
  return true;
}

std::string to_decimal(Limbs limbs) {
  std::string reversed;
  while (limbs != Limbs{}) {
    uint64_t step = divide(limbs, kStep);
    for (size_t i = 0; i < kStepDigits; ++i, step /= 10) {
      reversed.push_back(static_cast<char>('0' + step % 10));
    }
  }
  reversed.erase(reversed.find_last_not_of('0') + 1);
  return {reversed.rbegin(), reversed.rend()};
}

void append_hex(uint64_t limb, Buffer& out) {
  char digits[16];
  for (size_t i = 16; i-- > 0; limb >>= 4) digits[i] = "0123456789abcdef"[limb & 15];
  out.append(std::string_view(digits, 16));
}

uint64_t parse_hex(std::string_view digits) {
  uint64_t limb = 0;
  for (const char c : digits) limb = limb << 4 | static_cast<uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  return limb;
}

// The top limb of an id with this timestamp: the timestamp above 16 zero bits. False: no id can have it.
bool top_limb(int64_t timestamp_ms, uint64_t& top) {
  if (timestamp_ms < 0 || timestamp_ms >> 47 != 0) return false;
  top = static_cast<uint64_t>(timestamp_ms) << 16;
  return true;
}

}  // namespace

void append_short_event_id(std::string_view id, int64_t timestamp_ms, Buffer& out) {
  Limbs limbs{};
  uint64_t top = 0;
  if (top_limb(timestamp_ms, top) && parse_decimal(id, limbs) && limbs[2] == top) {
    append_hex(limbs[1], out);
    append_hex(limbs[0], out);
    return;
  }
  if (id.starts_with('=') || is_short(id)) out.append('=');
  out.append(id);
}

std::string full_event_id(std::string_view short_id, int64_t timestamp_ms) {
  if (short_id.starts_with('=')) return std::string(short_id.substr(1));
  Limbs limbs{};
  if (!is_short(short_id) || !top_limb(timestamp_ms, limbs[2])) return std::string(short_id);
  limbs[1] = parse_hex(short_id.substr(0, 16));
  limbs[0] = parse_hex(short_id.substr(16));
  return to_decimal(limbs);
}

}  // namespace cistern

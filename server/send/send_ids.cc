#include "server/send/send_ids.h"

#include <array>
#include <cstdio>

namespace cistern {
namespace {

__extension__ using Wide = unsigned __int128;

// Most significant limb first.
std::string to_decimal(std::array<uint64_t, 3> limbs) {
  char digits[64];
  size_t at = sizeof digits;
  while ((limbs[0] | limbs[1] | limbs[2]) != 0) {
    constexpr uint64_t kBase = 10'000'000'000'000'000'000ull;
    uint64_t rest = 0;
    for (uint64_t& limb : limbs) {
      const Wide value = (Wide{rest} << 64) | limb;
      limb = static_cast<uint64_t>(value / kBase);
      rest = static_cast<uint64_t>(value % kBase);
    }
    for (int i = 0; i < 19; ++i, rest /= 10) digits[--at] = static_cast<char>('0' + rest % 10);
  }
  while (at < sizeof digits && digits[at] == '0') ++at;
  return {digits + at, sizeof digits - at};
}

}  // namespace

// 192 bits: timestamp (48) | 0 (16) | run (48) | envelope, scattered (64) | event (16). Records with more
// than 65 536 events carry into the next envelope number.
std::string EventIds::next(int64_t timestamp_ms) {
  if (event_ == 0x10000) begin_envelope();
  const uint64_t scattered = scatter(envelope_);
  return to_decimal(
      {static_cast<uint64_t>(timestamp_ms) << 16, run_ << 16 | scattered >> 48, scattered << 16 | event_++});
}

std::string make_request_id(SendRng& rng) {
  const uint64_t a = rng.next();
  const uint64_t b = rng.next();
  char text[40];
  std::snprintf(text, sizeof text, "%08x-%04x-4%03x-%04x-%012llx", static_cast<unsigned>(a >> 32),
                static_cast<unsigned>(a >> 16 & 0xffff), static_cast<unsigned>(a & 0xfff),
                static_cast<unsigned>(b >> 48 & 0x3fff) | 0x8000u,
                static_cast<unsigned long long>(b & 0xffffffffffffull));
  return text;
}

}  // namespace cistern

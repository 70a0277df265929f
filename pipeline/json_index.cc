#include "pipeline/json_index.h"

#include <array>

namespace cistern {
namespace {

// Entries at a byte outside of strings: one for an operator, and one for the value that may follow it or a
// blank.
constexpr std::array<uint8_t, 256> entries_at() {
  std::array<uint8_t, 256> entries{};
  for (unsigned char c : std::string_view("{}[]:,")) entries[c] = 2;
  for (unsigned char c : std::string_view(" \t\r\n")) entries[c] = 1;
  return entries;
}

// The next quote from `at` on that is not escaped; for simdjson a backslash escapes outside of strings as
// well.
size_t find_quote(std::string_view json, size_t at) {
  for (at = json.find('"', at); at != json.npos; at = json.find('"', at + 1)) {
    const size_t before = at == 0 ? json.npos : json.find_last_not_of('\\', at - 1);
    if ((at - before) % 2 == 1) return at;
  }
  return json.size();
}

}  // namespace

uint64_t json_index_bytes(std::string_view json) {
  static constexpr auto kEntries = entries_at();
  uint64_t entries = 0;
  for (size_t at = 0; at < json.size();) {
    const size_t quote = find_quote(json, at);
    for (unsigned char c : json.substr(at, quote - at)) entries += kEntries[c];
    entries += 2;  // the string, and what may follow it without an operator
    at = find_quote(json, quote + 1) + 1;
  }
  return entries * sizeof(uint32_t);
}

}  // namespace cistern

// Letters and digits of ASCII, whatever the locale says, and what is made of them. Pure, any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cistern {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_alphanumeric(char c) { return is_digit(c) || is_lower(c) || is_upper(c); }
constexpr bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
// A character that leaves ink: no space, no control character, no part of UTF-8.
constexpr bool is_visible(char c) { return c > ' ' && c < 0x7f; }

constexpr char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr char upper(char c) { return is_lower(c) ? static_cast<char>(c - 'a' + 'A') : c; }
std::string lower(std::string_view text);
bool same_without_case(std::string_view a, std::string_view b);

bool all_digits(std::string_view text);   // of the empty text too
bool all_visible(std::string_view text);  // of the empty text too

// Text from elsewhere, fit for an answer or a log: at most `most` bytes of it; what is neither visible nor a
// space is replaced by '?'.
std::string printable(std::string_view text, size_t most);

// Without the CR and LF at its end: editors and `echo` write them behind a key that has none.
std::string_view without_line_end(std::string_view text);

}  // namespace cistern

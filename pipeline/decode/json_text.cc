#include "pipeline/decode/json_text.h"

#include <array>

#include <simdjson.h>

#include "pipeline/ascii.h"

namespace cistern {
namespace {

// What a byte becomes in a JSON string: its short escape, 'u' for \u00xx, or 0 for itself.
constexpr std::array<char, 256> kEscapes = [] {
  std::array<char, 256> escapes{};
  for (size_t i = 0; i < 0x20; ++i) escapes[i] = 'u';
  escapes['\b'] = 'b';
  escapes['\f'] = 'f';
  escapes['\n'] = 'n';
  escapes['\r'] = 'r';
  escapes['\t'] = 't';
  escapes['"'] = '"';
  escapes['\\'] = '\\';
  return escapes;
}();

void append_unicode_escape(uint8_t byte, Buffer& out) {
  constexpr char kDigits[] = "0123456789abcdef";
  const char escape[] = {'\\', 'u', '0', '0', kDigits[byte >> 4], kDigits[byte & 15]};
  out.append(std::string_view(escape, sizeof escape));
}

void append_utf8(uint32_t code, std::string& out) {
  const auto put = [&out](uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 63));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 63));
    put(0x80 | (code & 63));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 63));
    put(0x80 | (code >> 6 & 63));
    put(0x80 | (code & 63));
  }
}

// The code unit of a \uXXXX at `at`, or 0x10000 when there is none.
uint32_t code_unit(std::string_view text, size_t at) {
  constexpr uint32_t kNone = 0x10000;
  if (text.size() < at + 6 || text[at] != '\\' || text[at + 1] != 'u') return kNone;
  uint32_t unit = 0;
  for (size_t i = at + 2; i < at + 6; ++i) {
    if (!is_hex_digit(text[i])) return kNone;
    unit = unit << 4 | static_cast<uint32_t>(is_digit(text[i]) ? text[i] - '0' : (text[i] | 0x20) - 'a' + 10);
  }
  return unit;
}

// Appends what the \uXXXX at `at` (and its low surrogate, if one follows) stands for; returns the length.
size_t unescape_unicode(std::string_view escaped, size_t at, std::string& out) {
  const uint32_t high = code_unit(escaped, at);
  const uint32_t low = high >> 10 == 0x36 ? code_unit(escaped, at + 6) : 0;
  if (low >> 10 != 0x37) {
    append_utf8(high, out);
    return 6;
  }
  append_utf8(0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff), out);
  return 12;
}

char unescape_short(char letter) {
  switch (letter) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return letter;
  }
}

}  // namespace

size_t escaped_size(std::string_view text) {
  size_t size = text.size();
  for (const char c : text) {
    const char escape = kEscapes[static_cast<uint8_t>(c)];
    size += escape == 0 ? 0u : escape == 'u' ? 5u : 1u;
  }
  return size;
}

void append_escaped(std::string_view text, Buffer& out) {
  size_t plain = 0;  // where the run of bytes that stand for themselves began
  for (size_t at = 0; at < text.size(); ++at) {
    const char escape = kEscapes[static_cast<uint8_t>(text[at])];
    if (escape == 0) continue;
    out.append(text.substr(plain, at - plain));
    plain = at + 1;
    if (escape == 'u') {
      append_unicode_escape(static_cast<uint8_t>(text[at]), out);
    } else {
      const char pair[] = {'\\', escape};
      out.append(std::string_view(pair, 2));
    }
  }
  out.append(text.substr(plain));
}

void append_quoted(std::string_view text, Buffer& out) {
  out.append('"');
  if (simdjson::validate_utf8(text.data(), text.size())) {
    append_escaped(text, out);
  } else {
    for (const char& c : text) {
      if (static_cast<uint8_t>(c) < 0x80) {
        append_escaped(std::string_view(&c, 1), out);
      } else {
        append_unicode_escape(static_cast<uint8_t>(c), out);
      }
    }
  }
  out.append('"');
}

std::string quoted(std::string_view text, size_t most) {
  Buffer out;
  append_quoted(text.substr(0, most), out);
  return std::string(out.view());
}

std::string unescape(std::string_view escaped) {
  std::string out;
  out.reserve(escaped.size());
  for (size_t at = 0; at < escaped.size();) {
    if (escaped[at] != '\\' || at + 1 == escaped.size()) {
      out.push_back(escaped[at++]);
    } else if (escaped[at + 1] == 'u') {
      at += unescape_unicode(escaped, at, out);
    } else {
      out.push_back(unescape_short(escaped[at + 1]));
      at += 2;
    }
  }
  return out;
}

void append_on_one_line(std::string_view json, Buffer& out) {
  size_t kept = 0;
  for (size_t at = 0; at < json.size(); ++at) {
    if (static_cast<uint8_t>(json[at]) >= 0x20) continue;
    out.append(json.substr(kept, at - kept));
    kept = at + 1;
  }
  out.append(json.substr(kept));
}

}  // namespace cistern

#include "server/send/json_string.h"

#include <cstdint>
#include <cstdio>

namespace cistern {
namespace {

void append_escape(unsigned unit, std::string& out) {
  char text[8];
  std::snprintf(text, sizeof text, "\\u%04x", unit);
  out.append(text, 6);
}

void append_control(unsigned char c, std::string& out) {
  switch (c) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      append_escape(c, out);
  }
}

bool is_surrogate(std::string_view text, size_t at) {
  return static_cast<unsigned char>(text[at]) == 0xed && at + 2 < text.size() &&
         static_cast<unsigned char>(text[at + 1]) >= 0xa0;
}

unsigned surrogate(std::string_view text, size_t at) {
  return 0xd000u | (static_cast<unsigned char>(text[at + 1]) & 0x3fu) << 6 |
         (static_cast<unsigned char>(text[at + 2]) & 0x3fu);
}

bool needs_escape(unsigned char c) { return c < 0x20 || c == '"' || c == '\\' || c == 0xed; }

// Bytes of the well-formed UTF-8 sequence at `at` (RFC 3629), 0 if there is none.
size_t sequence_length(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) -> unsigned {
    return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0u;
  };
  const auto tail = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const unsigned low = first == 0xe0 ? 0xa0 : 0x80;
    const unsigned high = first == 0xed ? 0x9f : 0xbf;
    return byte(1) >= low && byte(1) <= high && tail(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const unsigned low = first == 0xf0 ? 0x90 : 0x80;
    const unsigned high = first == 0xf4 ? 0x8f : 0xbf;
    return byte(1) >= low && byte(1) <= high && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  size_t plain = 0;  // what lies between here and `at` needs no escape
  for (size_t at = 0; at < text.size(); ++at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (!needs_escape(c) || (c == 0xed && !is_surrogate(text, at))) continue;
    out.append(text, plain, at - plain);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += text[at];
    } else if (c == 0xed) {
      append_escape(surrogate(text, at), out);
      at += 2;
    } else {
      append_control(c, out);
    }
    plain = at + 1;
  }
  out.append(text, plain, text.size() - plain);
  out += '"';
}

std::string make_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t length = sequence_length(text, at);
    if (length == 0) {
      out += "\xef\xbf\xbd";
      ++at;
    } else {
      out.append(text, at, length);
      at += length;
    }
  }
  return out;
}

}  // namespace cistern

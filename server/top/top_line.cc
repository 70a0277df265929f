#include "server/top/top_line.h"

#include <algorithm>

namespace cistern {
namespace {

const char* code_of(Look look) {
  switch (look) {
    case Look::plain:
      return "";
    case Look::bold:
      return "\x1b[1m";
    case Look::dim:
      return "\x1b[2m";
    case Look::good:
      return "\x1b[32m";
    case Look::bad:
      return "\x1b[1;31m";
    case Look::warning:
      return "\x1b[33m";
  }
  return "";
}

// Printable ASCII; whatever else is a '?' for each character. So bytes are columns.
std::string ascii(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 && byte < 0xc0) continue;  // goes on with a character
    out += byte < 32 || byte > 126 ? '?' : c;
  }
  return out;
}

std::string cut(std::string text, size_t columns) {
  if (text.size() <= columns) return text;
  text.resize(columns);
  if (columns > 0) text.back() = '~';
  return text;
}

std::string blanks(size_t columns, size_t taken) {
  return std::string(columns - std::min(columns, taken), ' ');
}

}  // namespace

TopLine& TopLine::add(std::string_view text, Look look) {
  pieces_.push_back({ascii(text), look});
  return *this;
}

TopLine& TopLine::right(std::string_view text, size_t columns, Look look) {
  const std::string fits = cut(ascii(text), columns);
  return add(blanks(columns, fits.size()) + fits, look);
}

TopLine& TopLine::left(std::string_view text, size_t columns, Look look) {
  const std::string fits = cut(ascii(text), columns);
  return add(fits + blanks(columns, fits.size()), look);
}

std::string TopLine::text(size_t columns, bool colour) const {
  std::string out;
  for (const Piece& piece : pieces_) {
    const std::string fits = piece.text.substr(0, columns);
    columns -= fits.size();
    const bool dressed = colour && piece.look != Look::plain;
    out += dressed ? code_of(piece.look) + fits + "\x1b[0m" : fits;
  }
  if (!colour) out.erase(out.find_last_not_of(' ') + 1);
  return out;
}

}  // namespace cistern

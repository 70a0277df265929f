// A line of a terminal: pieces of text with a look, cut to the terminal's width. What comes from outside
// cannot move the cursor: control characters are replaced. Plain data.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cistern {

enum class Look { plain, bold, dim, good, bad, warning };

class TopLine {
 public:
  TopLine() = default;
  TopLine(std::string_view text, Look look) { add(text, look); }

  TopLine& add(std::string_view text, Look look = Look::plain);
  // At least so many columns, filled up on the left (for figures) or on the right; longer text is cut to end
  // in "~".
  TopLine& right(std::string_view text, size_t columns, Look look = Look::plain);
  TopLine& left(std::string_view text, size_t columns, Look look = Look::plain);

  // At most `columns` wide; with escape sequences only if `colour`.
  std::string text(size_t columns, bool colour) const;

 private:
  struct Piece {
    std::string text;  // valid UTF-8 or ASCII, nothing below 32
    Look look;
  };
  std::vector<Piece> pieces_;
};

}  // namespace cistern

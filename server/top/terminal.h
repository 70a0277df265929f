// The terminal while `cistern top` has it: a screen of its own, keys without Enter, no cursor. Destroyed, it
// is as it was. One at a time; the main thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <termios.h>

namespace cistern {

class Terminal {
 public:
  Terminal();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  struct Size {
    size_t columns, rows;
  };
  static Size size();  // 80 by 24 where it is not known

  // Whole lines, which replace what was shown.
  static void show(const std::string& text);

  enum class Event { time_over, resized, ended };
  // ended: q, Ctrl-C, or a signal that ends programs.
  Event wait(int64_t ms) const;

 private:
  bool keys_ = false;  // standard input is a terminal too
  termios before_{};
  int signals_ = -1;
};

}  // namespace cistern

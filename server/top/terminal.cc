#include "server/top/terminal.h"

#include <csignal>

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace cistern {
namespace {

// Another screen, no cursor; and back.
constexpr const char* kEnter = "\x1b[?1049h\x1b[?25l";
constexpr const char* kLeave = "\x1b[?25h\x1b[?1049l";

void write_all(const std::string& text) {
  for (size_t at = 0; at < text.size();) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data() + at, text.size() - at);
    if (written <= 0) return;
    at += static_cast<size_t>(written);
  }
}

sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP}) sigaddset(&set, signal);
  return set;
}

}  // namespace

Terminal::Terminal() {
  const sigset_t set = watched();
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  signals_ = ::signalfd(-1, &set, SFD_CLOEXEC);
  keys_ = ::isatty(STDIN_FILENO) != 0 && ::tcgetattr(STDIN_FILENO, &before_) == 0;
  if (keys_) {
    termios now = before_;
    now.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &now);
  }
  write_all(kEnter);
}

Terminal::~Terminal() {
  write_all(kLeave);
  if (keys_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
  ::close(signals_);
  const sigset_t set = watched();
  ::sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

Terminal::Size Terminal::size() {
  winsize found{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &found) != 0 || found.ws_col == 0 || found.ws_row == 0)
    return {80, 24};
  return {found.ws_col, found.ws_row};
}

void Terminal::show(const std::string& text) {
  std::string out = "\x1b[H";
  for (const char c : text) out += c == '\n' ? "\x1b[K\r\n" : std::string(1, c);
  write_all(out + "\x1b[J");
}

Terminal::Event Terminal::wait(int64_t ms) const {
  pollfd watched_files[2] = {{signals_, POLLIN, 0}, {keys_ ? STDIN_FILENO : -1, POLLIN, 0}};
  if (::poll(watched_files, 2, static_cast<int>(ms)) <= 0) return Event::time_over;
  if ((watched_files[0].revents & POLLIN) != 0) {
    signalfd_siginfo signal{};
    if (::read(signals_, &signal, sizeof signal) != sizeof signal) return Event::ended;
    const bool goes_on = signal.ssi_signo == SIGWINCH || signal.ssi_signo == SIGTSTP;
    return goes_on ? Event::resized : Event::ended;
  }
  char key = 0;
  const bool ends = ::read(STDIN_FILENO, &key, 1) <= 0 || key == 'q' || key == 'Q';
  return ends ? Event::ended : Event::resized;
}

}  // namespace cistern

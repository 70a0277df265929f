#include "pipeline/store/credentials/run_program.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace cistern {
namespace {

constexpr size_t kMostOutput = 64 * 1024;
constexpr int kNotRun = 127;

// In the new process, which has one thread and may not allocate.
[[noreturn]] void become(char* const* words, int output) {
  ::setpgid(0, 0);
  const int nothing = ::open("/dev/null", O_RDWR);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(nothing, STDERR_FILENO);
  ::close_range(STDERR_FILENO + 1, ~0u, 0);
  ::execvp(words[0], words);
  ::_exit(kNotRun);
}

// A started program; at the latest its end kills what still runs of it.
class Program {
 public:
  Program(pid_t process, int output) : process_(process), output_(output) {}
  Program(const Program&) = delete;
  ~Program() {
    ::close(output_);
    if (process_ <= 0) return;
    ::kill(-process_, SIGKILL);
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }

  // Up to the end of its output; false: it was not there in time, or is too long.
  bool read(std::string& text, int64_t end_ms, const Clock& clock) {
    std::array<char, 4096> piece;
    pollfd ready{output_, POLLIN, 0};
    while (clock.steady_ms() < end_ms && text.size() <= kMostOutput) {
      if (::poll(&ready, 1, 100) <= 0) continue;
      const ssize_t size = ::read(output_, piece.data(), piece.size());
      if (size <= 0) return cleanse(piece.data(), piece.size()), true;
      text.append(piece.data(), static_cast<size_t>(size));
    }
    return false;
  }

  // Its exit status (-1: a signal), or nothing when it does not end in time.
  bool wait(int& status, int64_t end_ms, const Clock& clock) {
    while (clock.steady_ms() < end_ms) {
      int raw = 0;
      if (::waitpid(process_, &raw, WNOHANG) == process_) {
        status = WIFEXITED(raw) ? WEXITSTATUS(raw) : -1;
        process_ = 0;
        return true;
      }
      ::poll(nullptr, 0, 10);
    }
    return false;
  }

 private:
  pid_t process_;
  const int output_;
};

Error verdict(const std::string& program, int status) {
  const std::string ended =
      status < 0 ? "was ended by a signal" : "ended with status " + std::to_string(status);
  const std::string hint = status == kNotRun ? "is there such a program?" : "run it by hand to see why";
  return fatal("the program " + program + " " + ended + ": " + hint);
}

Result<Secret> output_of(Program program, const std::string& name, int64_t end_ms, const Clock& clock) {
  std::string text;
  text.reserve(kMostOutput + 4096);  // it does not grow, and so leaves no copy behind
  const bool whole = program.read(text, end_ms, clock);
  const Secret output = Secret::take(text);
  int status = 0;
  if (!whole || !program.wait(status, end_ms, clock))
    return retry("the program " + name + " took too long, or wrote more than 64 KiB");
  if (status != 0) return verdict(name, status);
  return output;
}

}  // namespace

Result<std::vector<std::string>> split_command(std::string_view line) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool space = quote == 0 && (c == ' ' || c == '\t');
    if (!space && !in_word) words.emplace_back();
    in_word = !space;
    if (space) continue;
    if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == '\\' && quote != '\'' && i + 1 < line.size()) {
      words.back() += line[++i];
    } else {
      words.back() += c;
    }
  }
  if (quote != 0) return invalid("a quote is left open");
  if (words.empty() || words[0].empty()) return invalid("it names no program");
  return words;
}

Result<Secret> run_program(const std::vector<std::string>& words, int64_t limit_ms, const Clock& clock) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return retry(std::string("no pipe: ") + std::strerror(errno));
  const pid_t process = ::fork();
  if (process == 0) become(arguments.data(), ends[1]);
  ::close(ends[1]);
  if (process < 0) return ::close(ends[0]), retry(std::string("no new process: ") + std::strerror(errno));
  return output_of({process, ends[0]}, words[0], clock.steady_ms() + limit_ms, clock);
}

}  // namespace cistern

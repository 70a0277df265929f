// Where the simulator's messages come from: files, standard input, or imagination.
#pragma once

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/result.h"

namespace cistern {

class LogLines {
 public:
  virtual ~LogLines() = default;
  // The next message, UTF-8 and not empty; false: there are no more. Reading may block on a pipe.
  virtual bool next(std::string& message) = 0;
};

// The lines of files one after the other, without their '\n'. Empty lines are skipped, since CloudWatch takes
// no empty message; bytes that are not UTF-8 become U+FFFD, as CloudWatch makes them.
class FileLines : public LogLines {
 public:
  // `again`: after the last line comes the first one (not of standard input). Error `invalid`: a file that
  // cannot be opened.
  static Result<std::unique_ptr<LogLines>> open(std::vector<std::string> paths, bool again);
  bool next(std::string& message) override;

 private:
  FileLines(std::vector<std::string> paths, bool again) : paths_(std::move(paths)), again_(again) {}
  bool next_file();

  std::vector<std::string> paths_;
  bool again_;
  size_t opened_ = 0;  // paths up to here were opened in this round
  bool any_line_ = false;
  std::ifstream file_;
  std::istream* input_ = nullptr;
  std::string line_;
};

}  // namespace cistern

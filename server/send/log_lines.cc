#include "server/send/log_lines.h"

#include <algorithm>
#include <iostream>

#include "server/send/json_string.h"

namespace cistern {

Result<std::unique_ptr<LogLines>> FileLines::open(std::vector<std::string> paths, bool again) {
  for (const std::string& path : paths) {
    if (path != "-" && !std::ifstream(path).is_open()) {
      return invalid("the file '" + path + "' cannot be read: check its name and permissions");
    }
  }
  if (std::find(paths.begin(), paths.end(), "-") != paths.end()) again = false;
  return std::unique_ptr<LogLines>(new FileLines(std::move(paths), again));
}

bool FileLines::next_file() {
  if (opened_ == paths_.size()) {
    if (!again_ || !any_line_) return false;
    opened_ = 0;
  }
  const std::string& path = paths_[opened_++];
  file_ = std::ifstream();
  if (path != "-") file_.open(path, std::ios::binary);
  input_ = path == "-" ? &std::cin : &file_;
  return true;
}

bool FileLines::next(std::string& message) {
  for (;;) {
    while (input_ == nullptr || !std::getline(*input_, line_)) {
      if (!next_file()) return false;
    }
    if (line_.empty()) continue;
    any_line_ = true;
    message = make_utf8(line_);
    return true;
  }
}

}  // namespace cistern

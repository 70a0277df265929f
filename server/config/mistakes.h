// What is wrong with a configuration, all of it, for one answer to the operator. Each line says where, which
// setting and what to do: `cistern.yaml:12: partition.flush_size: is "64", must be ...`.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cistern {

class ConfigMistakes {
 public:
  // The value of `path` could not be taken. `where` and `path` may be empty.
  void add(const std::string& where, const std::string& path, const std::string& what);
  // It was taken, but does not go together with others.
  void add_conflict(const std::string& where, const std::string& path, const std::string& what);

  bool none() const { return lines_.empty(); }
  // Whether this setting's value could not be taken: then nothing should be concluded from what it is.
  bool about(const std::string& path) const { return paths_.count(path) > 0; }
  std::string text() const;  // a line each, without the last line's end

 private:
  std::vector<std::string> lines_;
  std::set<std::string> paths_;
};

// For an error text: quoted, printable, not too long.
std::string in_quotes(std::string_view text);

}  // namespace cistern

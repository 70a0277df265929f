// See read_file.h. Owned by the process's edge.
#include "server/read_file.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace cistern {

Result<std::string> read_small_file(const std::string& path) {
  constexpr size_t kMaxBytes = 1u << 20;
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text;
  std::array<char, 16u << 10> piece;
  while (text.size() <= kMaxBytes && (file.read(piece.data(), piece.size()) || file.gcount() > 0)) {
    text.append(piece.data(), static_cast<size_t>(file.gcount()));
  }
  if (!file.is_open() || file.bad())
    return fatal("cannot read '" + path + "': " + (errno != 0 ? std::strerror(errno) : "read error"));
  if (text.size() > kMaxBytes) return fatal("'" + path + "' is larger than 1 MiB");
  return text;
}

Sha256 digest_of_files(const std::vector<std::string>& paths) {
  DigestStream digest{DigestKind::sha256};
  for (const std::string& path : paths) {
    const auto text = read_small_file(path);
    digest.update(text ? text.value() : text.error().what);
  }
  return digest.finish();
}

}  // namespace cistern

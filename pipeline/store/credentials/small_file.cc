#include "pipeline/store/credentials/small_file.h"

namespace cistern {

Result<Secret> read_small_file(Disk& disk, const std::string& path) {
  constexpr uint64_t kMostBytes = 1ull << 20;
  CISTERN_TRY(auto file, disk.open(path, Disk::Open::read));
  CISTERN_TRY(const uint64_t size, file->size());
  if (size > kMostBytes) return fatal(path + " is larger than 1 MiB");
  std::string text(size, '\0');
  CISTERN_TRY(const size_t read, file->read_at(0, text.data(), text.size()));
  text.resize(read);
  return Secret::take(text);
}

}  // namespace cistern

// Reads a piece anywhere in a file past the system's cache (O_DIRECT): for what is read once or twice and
// never again soon. Copying it out of the cache would cost more time than all else that is done with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace cistern {

class DirectPiece {
 public:
  // A smaller piece is better read through the cache, which reads its neighbours with it.
  static constexpr size_t kSmallest = size_t{16} << 10;

  // Of the file that is open as `fd`. Null: its file system does not offer it (tmpfs, some network file
  // systems), or there is no /proc.
  static std::unique_ptr<DirectPiece> open(int fd);
  ~DirectPiece();
  DirectPiece(const DirectPiece&) = delete;
  DirectPiece& operator=(const DirectPiece&) = delete;

  // As many of `size` bytes as there are: fewer only at the file's end. 0, or errno; EINVAL: not for this
  // file, after all. Any thread; each that reads keeps 256 KiB for it.
  int read_at(uint64_t offset, char* into, size_t size, size_t& read) const;

 private:
  explicit DirectPiece(int fd) : fd_(fd) {}

  const int fd_;
};

}  // namespace cistern

// Reads a file from front to back past the system's cache (O_DIRECT), some windows ahead: while its caller
// works on one, other threads have the disk read the next. Pages of the cache would cost more time to make
// than to check what is in them. Owned by one PosixFile; one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/aligned_bytes.h"

namespace cistern {

class DirectReader {
 public:
  static constexpr size_t kWindowBytes = size_t{512} << 10;

  // Begins to read at once. Null: the file system does not offer it (tmpfs, some network file systems).
  static std::unique_ptr<DirectReader> open(const std::string& path);
  ~DirectReader();
  DirectReader(const DirectReader&) = delete;
  DirectReader& operator=(const DirectReader&) = delete;

  // As many of `size` bytes as there are: fewer only at the file's end. 0, or errno; EINVAL: not for this
  // file, after all. Any `offset` is right; those that do not follow on each other cost a wait for the disk.
  int read_at(uint64_t offset, char* into, size_t size, size_t& read);

 private:
  struct Window {
    uint64_t start = 0;  // a multiple of kWindowBytes
    AlignedBytes bytes;
    size_t size = 0;  // less than kWindowBytes: the file ends in it
    int failed = 0;   // errno
  };

  explicit DirectReader(int fd) : fd_(fd) {}
  // Makes the window that starts at `start` the current one; 0, or errno.
  int turn_to(uint64_t start);
  void read_ahead();
  Window fill(Window window) const;

  const int fd_;
  Window current_;
  std::deque<std::future<Window>> ahead_;  // one after the other, from next_ on
  uint64_t next_ = 0;
  std::vector<Window> spares_;  // their memory
};

}  // namespace cistern

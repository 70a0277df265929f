// Writes a file past the system's cache (O_DIRECT): in whole blocks, through an aligned buffer that its
// thread keeps. Half the CPU time of copying into the cache, and none of the cache is taken from what is read
// again. Owned by one PosixFile; one thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "pipeline/aligned_bytes.h"

namespace cistern {

class DirectWriter {
 public:
  // Null: the file system does not offer it (tmpfs, some network file systems).
  static std::unique_ptr<DirectWriter> open(const std::string& path);
  ~DirectWriter();
  DirectWriter(const DirectWriter&) = delete;
  DirectWriter& operator=(const DirectWriter&) = delete;

  // 0, or errno; EINVAL: not for this file, after all. Writes from front to back only: what lies behind the
  // last byte in its block becomes zeros, and the last block written is kept to be completed by the next
  // write, so that nothing is ever read. `offset` is where the last write ended, or a multiple of
  // kBlockBytes.
  int write_at(uint64_t offset, std::span<const std::string_view> pieces);

 private:
  explicit DirectWriter(int fd) : fd_(fd) {}
  int write_blocks(const char* from, size_t bytes, uint64_t offset) const;
  int write_rest(char* staging, size_t filled, uint64_t offset);

  const int fd_;
  std::array<char, kBlockBytes> tail_;  // the first tail_bytes_ of the block that is not full
  size_t tail_bytes_ = 0;
  uint64_t end_ = 0;  // where the last write ended
};

}  // namespace cistern

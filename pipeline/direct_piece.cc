#include "pipeline/direct_piece.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "pipeline/aligned_bytes.h"

namespace cistern {
namespace {

constexpr size_t kScratchBytes = size_t{256} << 10;

}  // namespace

// By its descriptor, because its name may be gone or mean another file by now.
std::unique_ptr<DirectPiece> DirectPiece::open(int fd) {
  const std::string self = "/proc/self/fd/" + std::to_string(fd);
  const int direct = ::open(self.c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC);
  if (direct < 0) return nullptr;
  return std::unique_ptr<DirectPiece>(new DirectPiece(direct));
}

DirectPiece::~DirectPiece() { ::close(fd_); }

int DirectPiece::read_at(uint64_t offset, char* into, size_t size, size_t& read) const {
  thread_local const AlignedBytes scratch = aligned_bytes(kScratchBytes);
  if (!scratch) return ENOMEM;
  for (read = 0; read < size;) {
    const uint64_t at = offset + read, start = at / kBlockBytes * kBlockBytes;
    const uint64_t blocks = (offset + size - start + kBlockBytes - 1) / kBlockBytes;
    const ssize_t got = ::pread(fd_, scratch.get(), std::min<uint64_t>(kScratchBytes, blocks * kBlockBytes),
                                static_cast<off_t>(start));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    const size_t before = at - start;
    if (static_cast<size_t>(got) <= before) return 0;
    const size_t taken = std::min(size - read, static_cast<size_t>(got) - before);
    std::memcpy(into + read, scratch.get() + before, taken);
    read += taken;
    if (got % static_cast<ssize_t>(kBlockBytes) != 0) return 0;  // the end of the file
  }
  return 0;
}

}  // namespace cistern

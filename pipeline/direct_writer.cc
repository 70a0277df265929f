#include "pipeline/direct_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace cistern {
namespace {

// The usual commit and the usual piece of an object are one write each.
constexpr size_t kStagingBytes = size_t{1} << 20;

// Of the calling thread: any number of files are open, few are written at a time. Null: out of memory.
char* staging_of_thread() {
  thread_local const AlignedBytes staging = aligned_bytes(kStagingBytes);
  return staging.get();
}

}  // namespace

std::unique_ptr<DirectWriter> DirectWriter::open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_DIRECT | O_CLOEXEC);
  if (fd < 0) return nullptr;
  return std::unique_ptr<DirectWriter>(new DirectWriter(fd));
}

DirectWriter::~DirectWriter() { ::close(fd_); }

int DirectWriter::write_at(uint64_t offset, std::span<const std::string_view> pieces) {
  char* const staging = staging_of_thread();
  if (staging == nullptr) return ENOMEM;
  const size_t before = offset % kBlockBytes;
  if (before != 0 && (offset != end_ || tail_bytes_ != before)) return EINVAL;
  std::memcpy(staging, tail_.data(), before);
  size_t filled = before;
  uint64_t at = offset - before;
  for (std::string_view piece : pieces) {
    while (!piece.empty()) {
      const size_t taken = std::min(piece.size(), kStagingBytes - filled);
      std::memcpy(staging + filled, piece.data(), taken);
      piece.remove_prefix(taken);
      filled += taken;
      if (filled < kStagingBytes) continue;
      if (const int failed = write_blocks(staging, filled, at)) return failed;
      at += filled;
      filled = 0;
    }
  }
  return write_rest(staging, filled, at);
}

int DirectWriter::write_rest(char* staging, size_t filled, uint64_t offset) {
  const size_t behind = filled % kBlockBytes, whole = filled - behind;
  std::memcpy(tail_.data(), staging + whole, behind);
  size_t bytes = whole;
  if (behind != 0) {
    std::memset(staging + filled, 0, kBlockBytes - behind);
    bytes += kBlockBytes;
  }
  if (const int failed = write_blocks(staging, bytes, offset)) return failed;
  tail_bytes_ = behind;
  end_ = offset + filled;
  return 0;
}

int DirectWriter::write_blocks(const char* from, size_t bytes, uint64_t offset) const {
  while (bytes > 0) {
    const ssize_t written = ::pwrite(fd_, from, bytes, static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    // A block that was written in part is written again.
    const size_t whole = static_cast<size_t>(written) / kBlockBytes * kBlockBytes;
    if (whole == 0) return ENOSPC;
    from += whole;
    bytes -= whole;
    offset += whole;
  }
  return 0;
}

}  // namespace cistern

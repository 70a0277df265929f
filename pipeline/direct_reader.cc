#include "pipeline/direct_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace cistern {
namespace {

constexpr size_t kWindowsAhead = 8;  // disks are faster with some requests at once

}  // namespace

std::unique_ptr<DirectReader> DirectReader::open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC);
  if (fd < 0) return nullptr;
  std::unique_ptr<DirectReader> reader(new DirectReader(fd));
  reader->read_ahead();
  return reader;
}

DirectReader::~DirectReader() {
  ahead_.clear();  // waits for what is under way
  ::close(fd_);
}

int DirectReader::read_at(uint64_t offset, char* into, size_t size, size_t& read) {
  for (read = 0; read < size;) {
    if (const int failed = turn_to((offset + read) / kWindowBytes * kWindowBytes)) return failed;
    const size_t before = static_cast<size_t>(offset + read - current_.start);
    if (before >= current_.size) return 0;
    const size_t taken = std::min(size - read, current_.size - before);
    std::memcpy(into + read, current_.bytes.get() + before, taken);
    read += taken;
  }
  return 0;
}

int DirectReader::turn_to(uint64_t start) {
  if (current_.bytes && current_.start == start) return current_.failed;
  if (current_.bytes) spares_.push_back(std::move(current_));
  if (ahead_.empty() || start != next_) {
    for (auto& window : std::exchange(ahead_, {})) spares_.push_back(window.get());
    next_ = start;
    read_ahead();
  }
  current_ = ahead_.front().get();
  ahead_.pop_front();
  next_ = start + kWindowBytes;
  if (current_.size == kWindowBytes) read_ahead();
  return current_.failed;
}

void DirectReader::read_ahead() {
  while (ahead_.size() < kWindowsAhead) {
    Window window;
    if (!spares_.empty()) {
      window = std::move(spares_.back());
      spares_.pop_back();
    }
    window.start = next_ + ahead_.size() * kWindowBytes;
    // Where no thread can be had, it is read when it is waited for.
    ahead_.push_back(
        std::async(std::launch::async | std::launch::deferred,
                   [this, window = std::move(window)]() mutable { return fill(std::move(window)); }));
  }
}

DirectReader::Window DirectReader::fill(Window window) const {
  window.size = 0;
  window.failed = 0;
  if (!window.bytes) window.bytes = aligned_bytes(kWindowBytes);
  if (!window.bytes) window.failed = ENOMEM;
  while (window.failed == 0 && window.size < kWindowBytes) {
    const ssize_t got = ::pread(fd_, window.bytes.get() + window.size, kWindowBytes - window.size,
                                static_cast<off_t>(window.start + window.size));
    if (got < 0 && errno != EINTR) window.failed = errno;
    if (got < 0) continue;
    window.size += static_cast<size_t>(got);
    if (got % kBlockBytes != 0 || got == 0) break;  // the end of the file
  }
  return window;
}

}  // namespace cistern

#include "pipeline/disk.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include "pipeline/direct_piece.h"
#include "pipeline/direct_reader.h"
#include "pipeline/direct_writer.h"

namespace cistern {
namespace {

Error failed(const char* action, const std::string& path, int code) {
  const bool no_space = code == ENOSPC || code == EDQUOT;
  return {no_space ? ErrorKind::busy : ErrorKind::fatal,
          std::string(action) + " " + path + ": " + std::generic_category().message(code)};
}

// Owns one descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

class PosixFile : public File {
 public:
  PosixFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  Result<> write_at(uint64_t offset, std::span<const std::string_view> pieces) override {
    if (!direct_writer_) return write_cached(offset, pieces);
    const int code = direct_writer_->write_at(offset, pieces);
    if (code == 0) return ok();
    if (code != EINVAL) return failed("write", path_, code);
    direct_writer_.reset();  // opened so, but not written so: some file systems say it late
    return write_cached(offset, pieces);
  }

  void write_past_cache() override { direct_writer_ = DirectWriter::open(path_); }
  void read_past_cache() override { direct_reader_ = DirectReader::open(path_); }

  Result<size_t> read_at(uint64_t offset, char* into, size_t size) const override {
    if (!direct_reader_) return read_cached(offset, into, size);
    size_t got = 0;
    const int code = direct_reader_->read_at(offset, into, size, got);
    if (code == 0) return got;
    if (code != EINVAL) return failed("read", path_, code);
    direct_reader_.reset();  // opened so, but not read so
    return read_cached(offset, into, size);
  }

  Result<size_t> read_once_at(uint64_t offset, char* into, size_t size) const override {
    const DirectPiece* const direct = size < DirectPiece::kSmallest ? nullptr : direct_piece();
    if (direct == nullptr) return read_at(offset, into, size);
    size_t got = 0;
    const int code = direct->read_at(offset, into, size, got);
    if (code == 0) return got;
    if (code == EINVAL) return read_at(offset, into, size);  // opened so, but not read so
    return failed("read", path_, code);
  }

  Result<> sync() override {
    if (::fdatasync(fd_.get()) != 0) return failed("sync", path_, errno);
    return ok();
  }

  Result<> preallocate(uint64_t size) override {
    CISTERN_TRY(auto present, this->size());
    if (size <= present) return ok();
    const int code = ::posix_fallocate(fd_.get(), 0, static_cast<off_t>(size));
    if (code != 0) return failed("preallocate", path_, code);
    return ok();
  }

  Result<> truncate(uint64_t size) override {
    if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) return failed("truncate", path_, errno);
    return ok();
  }

  Result<uint64_t> size() const override {
    struct stat status {};
    if (::fstat(fd_.get(), &status) != 0) return failed("look at", path_, errno);
    return static_cast<uint64_t>(status.st_size);
  }

 private:
  // Null: not offered.
  const DirectPiece* direct_piece() const {
    std::call_once(direct_piece_opened_, [this] { direct_piece_ = DirectPiece::open(fd_.get()); });
    return direct_piece_.get();
  }

  Result<size_t> read_cached(uint64_t offset, char* into, size_t size) const {
    size_t done = 0;
    while (done < size) {
      const ssize_t got = ::pread(fd_.get(), into + done, size - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return failed("read", path_, errno);
      if (got == 0) break;
      done += static_cast<size_t>(got);
    }
    return done;
  }

  Result<> write_cached(uint64_t offset, std::span<const std::string_view> pieces) {
    std::vector<iovec> vectors;
    vectors.reserve(pieces.size());
    for (std::string_view piece : pieces) {
      if (!piece.empty()) vectors.push_back({const_cast<char*>(piece.data()), piece.size()});
    }
    std::span<iovec> left(vectors);
    while (!left.empty()) {
      const int count = static_cast<int>(std::min<size_t>(left.size(), IOV_MAX));
      const ssize_t written = ::pwritev(fd_.get(), left.data(), count, static_cast<off_t>(offset));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return failed("write", path_, errno);
      if (written == 0) return failed("write", path_, ENOSPC);
      offset += static_cast<uint64_t>(written);
      left = advance(left, static_cast<size_t>(written));
    }
    return ok();
  }

  // Drops the first `bytes` of what is left to write.
  static std::span<iovec> advance(std::span<iovec> left, size_t bytes) {
    while (!left.empty() && bytes >= left.front().iov_len) {
      bytes -= left.front().iov_len;
      left = left.subspan(1);
    }
    if (bytes > 0) {
      left.front().iov_base = static_cast<char*>(left.front().iov_base) + bytes;
      left.front().iov_len -= bytes;
    }
    return left;
  }

  Descriptor fd_;
  std::string path_;
  std::unique_ptr<DirectWriter> direct_writer_;
  mutable std::unique_ptr<DirectReader> direct_reader_;
  mutable std::once_flag direct_piece_opened_;
  mutable std::unique_ptr<DirectPiece> direct_piece_;
};

class PosixDisk : public Disk {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, Open mode) override {
    const int flags = mode == Open::read    ? O_RDONLY
                      : mode == Open::write ? O_RDWR
                                            : O_RDWR | O_CREAT | O_EXCL;
    const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0640);
    if (fd < 0) return failed("open", path, errno);
    return std::unique_ptr<File>(std::make_unique<PosixFile>(fd, path));
  }

  Result<bool> link(const std::string& from, const std::string& to) override {
    if (::link(from.c_str(), to.c_str()) == 0) return true;
    if (errno == EEXIST) return false;
    return failed("link", to, errno);
  }

  Result<> rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return failed("rename to", to, errno);
    return ok();
  }

  Result<> remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return failed("remove", path, errno);
    return ok();
  }

  Result<bool> exists(const std::string& path) override {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return failed("look at", path, errno);
  }

  Result<std::vector<std::string>> list(const std::string& folder) override {
    std::vector<std::string> names;
    std::error_code code;
    for (std::filesystem::directory_iterator entry(folder, code), end; !code && entry != end;
         entry.increment(code)) {
      names.push_back(entry->path().filename().string());
    }
    if (code) return failed("list", folder, code.value());
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<> make_folders(const std::string& folder) override {
    const std::filesystem::path path = std::filesystem::path(folder).lexically_normal();
    std::filesystem::path made;
    for (const auto& part : path) {
      const std::filesystem::path parent = made.empty() ? "." : made;
      made /= part;
      if (::mkdir(made.c_str(), 0750) == 0) {
        CISTERN_TRY(sync_folder(parent.string()));
      } else if (errno != EEXIST) {
        return failed("make folder", made.string(), errno);
      }
    }
    return ok();
  }

  Result<> sync_folder(const std::string& folder) override {
    const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() < 0) return failed("open folder", folder, errno);
    if (::fsync(fd.get()) != 0) return failed("sync folder", folder, errno);
    return ok();
  }

  Result<uint64_t> free_bytes(const std::string& folder) override {
    struct statvfs status {};
    if (::statvfs(folder.c_str(), &status) != 0) return failed("look at file system of", folder, errno);
    return static_cast<uint64_t>(status.f_bavail) * status.f_frsize;
  }

  Result<std::shared_ptr<void>> lock(const std::string& path) override {
    auto fd = std::make_shared<Descriptor>(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
    if (fd->get() < 0) return failed("open", path, errno);
    if (::flock(fd->get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return failed("lock", path, errno);
      return fatal(path + " is held by another process: " + holder_of(fd->get()));
    }
    const std::string text = "pid " + std::to_string(::getpid()) + "\n";
    if (::ftruncate(fd->get(), 0) != 0 || ::pwrite(fd->get(), text.data(), text.size(), 0) < 0) {
      return failed("write", path, errno);
    }
    return std::shared_ptr<void>(std::move(fd));
  }

  Result<std::shared_ptr<void>> lock_to_read(const std::string& path) override {
    auto fd = std::make_shared<Descriptor>(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd->get() < 0 && errno == ENOENT) return std::shared_ptr<void>();
    if (fd->get() < 0) return failed("open", path, errno);
    if (::flock(fd->get(), LOCK_SH | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return failed("lock", path, errno);
      return fatal(path + " is held by another process: " + holder_of(fd->get()));
    }
    return std::shared_ptr<void>(std::move(fd));
  }

 private:
  static std::string holder_of(int fd) {
    char text[64];
    const ssize_t got = ::pread(fd, text, sizeof text, 0);
    std::string holder(text, got > 0 ? static_cast<size_t>(got) : 0);
    while (!holder.empty() && holder.back() == '\n') holder.pop_back();
    return holder.empty() ? "unknown" : holder;
  }
};

}  // namespace

std::unique_ptr<Disk> make_posix_disk() { return std::make_unique<PosixDisk>(); }

}  // namespace cistern

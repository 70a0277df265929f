// That pieces which are read once are read past the system's cache: their bytes are the same either way
// (direct_piece_test), so what is looked at here is which pages of the file the system keeps.
#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pipeline/aligned_bytes.h"
#include "pipeline/disk.h"
#include "tests/temporary_folder.h"

namespace cistern {
namespace {

constexpr size_t kBytes = 1 << 20;
constexpr size_t kPiece = 500'001;  // not of whole blocks, as no frame is
constexpr uint64_t kOffset = 100'003;

// Reads a block as DirectPiece does, without it: 0 or errno.
int read_directly(const std::string& path) {
  const AlignedBytes block = aligned_bytes(kBlockBytes);
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC);
  const ssize_t got = fd < 0 ? -1 : ::pread(fd, block.get(), kBlockBytes, 0);
  const int code = got < 0 ? errno : 0;
  if (fd >= 0) ::close(fd);
  return code;
}

// Not in /tmp, which is often a tmpfs: there all is cache.
class ReadOnce : public ::testing::Test {
 protected:
  void SetUp() override {
    for (size_t i = 0; i < kBytes; ++i) content_[i] = static_cast<char>(i * 2'654'435'761u >> 13);
    std::ofstream(path_, std::ios::binary) << content_;
    if (const int code = read_directly(path_); code != 0)
      GTEST_SKIP() << "no O_DIRECT in /var/tmp: " << std::generic_category().message(code);
    fd_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    ASSERT_EQ(::fdatasync(fd_), 0);
    ASSERT_EQ(::posix_fadvise(fd_, 0, 0, POSIX_FADV_DONTNEED), 0);
    if (cached_pages() > 0) GTEST_SKIP() << "the cache keeps what it is told to drop in /var/tmp";
    file_ = disk_->open(path_, Disk::Open::read).value();
  }
  void TearDown() override {
    if (fd_ >= 0) ::close(fd_);
  }

  // Of the file's pages, how many the system has in its cache.
  size_t cached_pages() const {
    void* const mapped = ::mmap(nullptr, kBytes, PROT_READ, MAP_SHARED, fd_, 0);
    std::vector<unsigned char> pages(kBytes / static_cast<size_t>(::sysconf(_SC_PAGESIZE)));
    EXPECT_EQ(::mincore(mapped, kBytes, pages.data()), 0);
    ::munmap(mapped, kBytes);
    return static_cast<size_t>(std::count_if(pages.begin(), pages.end(), [](auto page) { return page & 1; }));
  }
  // The piece, or the error.
  std::string piece() const {
    std::string bytes(kPiece, '\0');
    const auto got = file_->read_once_at(kOffset, bytes.data(), bytes.size());
    return got ? bytes.substr(0, got.value()) : got.error().what;
  }
  bool is_right(const std::string& piece) const { return piece == content_.substr(kOffset, kPiece); }

  TemporaryFolder folder_{"/var/tmp"};
  const std::string path_ = folder_ / "file";
  std::string content_ = std::string(kBytes, '\0');
  int fd_ = -1;
  std::unique_ptr<Disk> disk_ = make_posix_disk();
  std::unique_ptr<File> file_;
};

TEST_F(ReadOnce, LeavesNothingInTheCache) {
  EXPECT_TRUE(is_right(piece()));
  EXPECT_EQ(cached_pages(), 0u);
}

TEST_F(ReadOnce, WhatIsReadOtherwiseIsInTheCache) {  // or the test above could not fail
  std::string bytes(kPiece, '\0');
  EXPECT_EQ(file_->read_at(kOffset, bytes.data(), bytes.size()).value(), kPiece);
  EXPECT_GE(cached_pages(), kPiece / static_cast<size_t>(::sysconf(_SC_PAGESIZE)));
}

// From here on the kernel answers this thread's reads of whole blocks with EINVAL, as a file system does that
// lets a file be opened for reads past the cache and then does not read so. False: it may not be asked to.
bool refuse_whole_blocks() {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_pread64, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[2])),
      BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, kBlockBytes - 1, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{std::size(filter), filter};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

TEST_F(ReadOnce, WhatTheFileSystemRefusesLateIsReadThroughTheCache) {
  std::optional<int> refused;
  std::string read;
  std::thread([&] {  // one of its own, since it keeps the filter
    if (!refuse_whole_blocks()) return;
    refused = read_directly(path_);
    read = piece();
  })
      .join();
  if (!refused) GTEST_SKIP() << "no seccomp filters here";
  EXPECT_EQ(*refused, EINVAL);
  EXPECT_TRUE(is_right(read)) << read.substr(0, 200);
  EXPECT_GT(cached_pages(), 0u);
}

}  // namespace
}  // namespace cistern

#include "pipeline/direct_piece.h"

#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "pipeline/disk.h"
#include "tests/temporary_folder.h"

namespace cistern {
namespace {

class DirectPieceTest : public ::testing::Test {
 protected:
  // A file of 1 MB and some, of which no two places are alike.
  DirectPieceTest() {
    std::minstd_rand random(5);
    for (char& c : content_) c = static_cast<char>(random());
    std::ofstream(path_, std::ios::binary) << content_;
    file_ = disk_->open(path_, Disk::Open::read).value();
  }
  void expect_read(uint64_t offset, size_t size) const {
    std::string read(size, '\0');
    const auto got = file_->read_once_at(offset, read.data(), size);
    ASSERT_TRUE(got) << got.error().what;
    read.resize(got.value());
    const auto expected = offset < content_.size() ? content_.substr(offset, size) : std::string();
    ASSERT_TRUE(read == expected) << size << " bytes at " << offset;
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/file";
  std::string content_ = std::string(1'050'001, '\0');
  std::unique_ptr<Disk> disk_ = make_posix_disk();
  std::unique_ptr<File> file_;
};

TEST_F(DirectPieceTest, AnyPieceIsTheFilesBytes) {
  for (const uint64_t offset :
       {0u, 1u, 4095u, 4096u, 4097u, 262'143u, 262'145u, 700'000u, 1'049'999u, 1'050'001u, 2'000'000u}) {
    for (const size_t size :
         {size_t{1}, DirectPiece::kSmallest - 1, DirectPiece::kSmallest, size_t{65'536}, size_t{65'537},
          size_t{262'144}, size_t{262'145}, size_t{600'000}, size_t{1'200'000}})
      expect_read(offset, size);
  }
}

TEST_F(DirectPieceTest, SeveralThreadsReadAtOnce) {
  std::vector<std::thread> threads;
  for (uint64_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([this, thread] {
      for (uint64_t i = 0; i < 40; ++i) expect_read(7919 * i + thread, 100'000 + i);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(DirectPieceTest, WhatIsOpenIsReadWhateverItsNameMeansByNow) {
  std::filesystem::remove(path_);
  std::ofstream(path_, std::ios::binary) << std::string(content_.size(), 'x');
  expect_read(100, 500'000);
}

}  // namespace
}  // namespace cistern

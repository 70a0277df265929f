#include "pipeline/direct_reader.h"

#include <fstream>
#include <random>

#include <gtest/gtest.h>

#include "pipeline/disk.h"
#include "tests/temporary_folder.h"

namespace cistern {
namespace {

constexpr uint64_t kMiB = 1 << 20;
constexpr uint64_t kWindow = DirectReader::kWindowBytes;

class DirectReaderTest : public ::testing::Test {
 protected:
  std::string path() const { return folder_.path() + "/file"; }
  // A file of so many bytes, of which no two places are alike.
  std::unique_ptr<File> file_of(uint64_t size) {
    content_.resize(size);
    for (char& c : content_) c = static_cast<char>(random_());
    std::ofstream(path(), std::ios::binary) << content_;
    auto file = disk_->open(path(), Disk::Open::read).value();
    file->read_past_cache();
    return file;
  }
  void expect_read(File& file, uint64_t offset, size_t size) {
    std::string read(size, '\0');
    const auto got = file.read_at(offset, read.data(), size);
    ASSERT_TRUE(got) << got.error().what;
    read.resize(got.value());
    const auto expected = offset < content_.size() ? content_.substr(offset, size) : std::string();
    ASSERT_TRUE(read == expected) << size << " bytes at " << offset << " of " << content_.size();
  }

  TemporaryFolder folder_;
  std::unique_ptr<Disk> disk_ = make_posix_disk();
  std::minstd_rand random_{3};
  std::string content_;
};

// Sizes around a block, a window and two.
TEST_F(DirectReaderTest, FromFrontToBackAreTheBytesOfTheFile) {
  for (const uint64_t size : {uint64_t{0}, uint64_t{1}, uint64_t{4096}, kWindow - 1, kWindow, kWindow + 1,
                              3 * kWindow, 20 * kWindow + 5}) {
    auto file = file_of(size);
    uint64_t offset = 0;
    for (; offset <= size; offset += 150'001) expect_read(*file, offset, 150'001);
    expect_read(*file, offset, 10);
  }
}

TEST_F(DirectReaderTest, AReadMayReachOverSeveralWindows) {
  auto file = file_of(17 * kMiB);
  expect_read(*file, 3, 14 * kMiB);
  expect_read(*file, 16 * kMiB, 4 * kMiB);
}

TEST_F(DirectReaderTest, ReadsBackAndForthAreTheBytesOfTheFile) {
  auto file = file_of(13 * kMiB + 777);
  for (int i = 0; i < 60; ++i) expect_read(*file, random_() % content_.size(), random_() % (5 * kMiB));
}

TEST_F(DirectReaderTest, WhatWasWrittenThroughTheCacheIsSeen) {
  file_of(5 * kMiB);
  content_.replace(100, 4, "new!");
  const std::string_view text = "new!";
  ASSERT_TRUE(disk_->open(path(), Disk::Open::write).value()->write_at(100, {&text, 1}));
  auto file = disk_->open(path(), Disk::Open::read).value();
  file->read_past_cache();
  expect_read(*file, 0, 5 * kMiB);
}

TEST_F(DirectReaderTest, AFolderIsNamedInTheError) {
  auto file = disk_->open(folder_.path(), Disk::Open::read).value();
  file->read_past_cache();
  char byte = 0;
  const auto got = file->read_at(0, &byte, 1);
  ASSERT_FALSE(got);
  EXPECT_NE(got.error().what.find(folder_.path()), std::string::npos) << got.error().what;
}

TEST_F(DirectReaderTest, NoFileNoReader) { EXPECT_EQ(nullptr, DirectReader::open(path())); }

}  // namespace
}  // namespace cistern

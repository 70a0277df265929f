#include "pipeline/direct_writer.h"

#include <fstream>
#include <iterator>
#include <random>

#include <gtest/gtest.h>

#include "pipeline/disk.h"
#include "tests/temporary_folder.h"

namespace cistern {
namespace {

class DirectWriterTest : public ::testing::Test {
 protected:
  std::string path() const { return folder_.path() + "/file"; }
  std::unique_ptr<File> new_file() {
    auto file = disk_->open(path(), Disk::Open::create).value();
    file->write_past_cache();
    return file;
  }
  std::string content() const {
    std::ifstream file(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string random_text(size_t size) {
    std::string text(size, '\0');
    for (char& c : text) c = static_cast<char>(random_());
    return text;
  }

  TemporaryFolder folder_;
  std::unique_ptr<Disk> disk_ = make_posix_disk();
  std::minstd_rand random_{7};
};

TEST_F(DirectWriterTest, WritesOneAfterTheOtherAreTheBytesThatCame) {
  auto file = new_file();
  std::string all;
  for (const size_t size : {1u, 4095u, 4096u, 4097u, 64u, 0u, 3u << 20, 100u, (1u << 20) - 1, 8192u}) {
    const std::string first = random_text(size / 3), second = random_text(size - size / 3);
    const std::string_view pieces[] = {first, second};
    ASSERT_TRUE(file->write_at(all.size(), pieces));
    all += first + second;
    std::string read(all.size(), '\0');
    ASSERT_EQ(all.size(), file->read_at(0, read.data(), read.size()).value());
    ASSERT_TRUE(read == all) << "after " << size;
  }
  ASSERT_TRUE(file->truncate(all.size()));
  EXPECT_TRUE(content() == all);
}

TEST_F(DirectWriterTest, WhatLiesBehindTheBlockStays) {
  const std::string before = random_text(5 * 4096);
  std::ofstream(path(), std::ios::binary) << before;
  auto file = disk_->open(path(), Disk::Open::write).value();
  file->write_past_cache();
  const std::string_view text = "segment header";
  ASSERT_TRUE(file->write_at(0, {&text, 1}));
  EXPECT_EQ(text, content().substr(0, text.size()));
  EXPECT_TRUE(before.substr(4096) == content().substr(4096));
}

TEST_F(DirectWriterTest, AWriteElsewhereIsWrittenAsWell) {
  auto file = new_file();
  const std::string first = random_text(10'000), second = random_text(5'000);
  const std::string_view pieces[] = {first, second};
  ASSERT_TRUE(file->write_at(0, {pieces, 1}));
  ASSERT_TRUE(file->write_at(777, {pieces + 1, 1}));
  ASSERT_TRUE(file->truncate(first.size()));
  EXPECT_TRUE(content() == first.substr(0, 777) + second + first.substr(5'777));
}

TEST_F(DirectWriterTest, NoFileNoWriter) { EXPECT_EQ(nullptr, DirectWriter::open(path())); }

}  // namespace
}  // namespace cistern

// What FileStore asks of the disk, in which order, and what it makes of the disk's failures. Its contract is
// checked in tests/conformance/store_contract_test.cc, its crashes in tests/fault/file_store_crash_test.cc.
#include "pipeline/store/file_store.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/conformance/store_rig.h"

namespace cistern {
namespace {

using store_rig::make_object;

const std::string kKey = "2026/08/20261121T08Z-5f1c9a0b7e42-0000000017.ndjson.gz";

// The real disk; writes down what changes it, and fails where a test says so.
class WatchedDisk : public Disk {
 public:
  explicit WatchedDisk(std::string root) : root_(std::move(root)) {}

  std::vector<std::string> steps;
  std::string fail_at;  // a step as it is written down
  Error failure = busy("write: No space left on device");

  Result<std::unique_ptr<File>> open(const std::string& path, Open mode) override {
    if (mode == Open::create) {
      CISTERN_TRY(step("create " + shown(path)));
    }
    CISTERN_TRY(auto file, real_->open(path, mode));
    return std::unique_ptr<File>(std::make_unique<WatchedFile>(*this, std::move(file), shown(path)));
  }
  Result<bool> link(const std::string& from, const std::string& to) override {
    CISTERN_TRY(step("link " + shown(to)));
    return real_->link(from, to);
  }
  Result<> rename(const std::string& from, const std::string& to) override { return real_->rename(from, to); }
  Result<> remove(const std::string& path) override {
    CISTERN_TRY(auto there, real_->exists(path));
    if (there) {
      CISTERN_TRY(step("remove " + shown(path)));
    }
    return real_->remove(path);
  }
  Result<bool> exists(const std::string& path) override { return real_->exists(path); }
  Result<std::vector<std::string>> list(const std::string& folder) override { return real_->list(folder); }
  Result<> make_folders(const std::string& folder) override {
    CISTERN_TRY(step("folders " + shown(folder)));
    return real_->make_folders(folder);
  }
  Result<> sync_folder(const std::string& folder) override {
    CISTERN_TRY(step("sync folder " + shown(folder)));
    return real_->sync_folder(folder);
  }
  Result<uint64_t> free_bytes(const std::string& folder) override { return real_->free_bytes(folder); }
  Result<std::shared_ptr<void>> lock(const std::string& path) override { return real_->lock(path); }
  Result<std::shared_ptr<void>> lock_to_read(const std::string& path) override {
    return real_->lock_to_read(path);
  }

 private:
  class WatchedFile : public File {
   public:
    WatchedFile(WatchedDisk& disk, std::unique_ptr<File> real, std::string name)
        : disk_(disk), real_(std::move(real)), name_(std::move(name)) {}
    Result<> write_at(uint64_t offset, std::span<const std::string_view> pieces) override {
      CISTERN_TRY(disk_.step("write " + name_));
      return real_->write_at(offset, pieces);
    }
    Result<size_t> read_at(uint64_t offset, char* into, size_t size) const override {
      return real_->read_at(offset, into, size);
    }
    Result<> sync() override {
      CISTERN_TRY(disk_.step("sync " + name_));
      return real_->sync();
    }
    Result<> preallocate(uint64_t size) override { return real_->preallocate(size); }
    Result<> truncate(uint64_t size) override { return real_->truncate(size); }
    Result<uint64_t> size() const override { return real_->size(); }

   private:
    WatchedDisk& disk_;
    std::unique_ptr<File> real_;
    std::string name_;
  };

  Result<> step(std::string what) {
    steps.push_back(what);
    if (what == fail_at) return failure;
    return ok();
  }
  std::string shown(const std::string& path) const {
    return path.starts_with(root_ + "/") ? path.substr(root_.size() + 1) : path;
  }

  const std::string root_;
  std::unique_ptr<Disk> real_ = make_posix_disk();
};

class FileStoreTest : public ::testing::Test {
 protected:
  ~FileStoreTest() override { std::filesystem::remove_all(root_); }
  Result<PutOutcome> put(std::shared_ptr<const Object> object) { return executors_.run(store_->put(object)); }
  bool there(const std::string& key) const { return std::filesystem::exists(root_ + "/" + key); }
  size_t files_aside() const {
    const std::filesystem::path folder = root_ + "/.cistern-incoming";
    if (!std::filesystem::exists(folder)) return 0;
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
  }

  const std::string root_ =
      std::filesystem::temp_directory_path() / ("file-store-" + std::to_string(::getpid()));
  WatchedDisk disk_{root_};
  store_rig::Executors executors_;
  std::unique_ptr<ObjectStore> store_ = make_file_store({root_ + "/", ""}, disk_, executors_.workers());
};

TEST_F(FileStoreTest, TheFileIsSyncedBeforeItIsLinkedAndItsFolderAfterwards) {
  ASSERT_TRUE(put(make_object(kKey, "5f1c9a0b7e42", 17, {"one", "two"})));
  const std::vector<std::string> expected{
      "folders .cistern-incoming",
      "folders 2026/08",
      "create .cistern-incoming/5f1c9a0b7e42-17",
      "write .cistern-incoming/5f1c9a0b7e42-17",
      "write .cistern-incoming/5f1c9a0b7e42-17",
      "sync .cistern-incoming/5f1c9a0b7e42-17",
      "link " + kKey,
      "remove .cistern-incoming/5f1c9a0b7e42-17",
      "sync folder 2026/08",
      "sync folder 2026",
      "sync folder " + root_,
  };
  EXPECT_EQ(expected, disk_.steps);
}

TEST_F(FileStoreTest, EveryFailureLeavesNoPartAndCanBeTriedAgain) {
  for (const std::string& step : {std::string("create .cistern-incoming/5f1c9a0b7e42-17"),
                                  std::string("write .cistern-incoming/5f1c9a0b7e42-17"),
                                  std::string("sync .cistern-incoming/5f1c9a0b7e42-17"), "link " + kKey}) {
    disk_.fail_at = step;
    auto failed = put(make_object(kKey, "5f1c9a0b7e42", 17, {"bytes"}));
    ASSERT_FALSE(failed) << step;
    EXPECT_EQ(ErrorKind::fatal, failed.error().kind);
    EXPECT_NE(std::string::npos, failed.error().what.find("make room in the file system of " + root_))
        << failed.error().what;
    EXPECT_FALSE(there(kKey)) << step;
    EXPECT_EQ(0u, files_aside()) << step;
  }
  disk_.fail_at.clear();
  EXPECT_EQ(PutOutcome::stored, put(make_object(kKey, "5f1c9a0b7e42", 17, {"bytes"})).value());
}

TEST_F(FileStoreTest, AFolderThatDoesNotSyncIsSyncedOnTheNextTryBeforeSuccess) {
  disk_.fail_at = "sync folder 2026/08";
  disk_.failure = fatal("sync folder: Input/output error");
  auto failed = put(make_object(kKey, "5f1c9a0b7e42", 17, {"bytes"}));
  ASSERT_FALSE(failed);
  EXPECT_NE(std::string::npos, failed.error().what.find("look at the folder")) << failed.error().what;
  EXPECT_FALSE(put(make_object(kKey, "5f1c9a0b7e42", 17, {"bytes"}))) << "the name is not yet durable";
  disk_.fail_at.clear();
  EXPECT_EQ(PutOutcome::already_ours, put(make_object(kKey, "5f1c9a0b7e42", 17, {"bytes"})).value());
  EXPECT_NE(disk_.steps.end(), std::find(disk_.steps.begin(), disk_.steps.end(), "sync folder 2026/08"));
}

TEST_F(FileStoreTest, WhatACrashLeftAsideIsReplaced) {
  std::filesystem::create_directories(root_ + "/.cistern-incoming");
  ASSERT_TRUE(make_posix_disk()->open(root_ + "/.cistern-incoming/5f1c9a0b7e42-17", Disk::Open::create));
  EXPECT_EQ(PutOutcome::stored, put(make_object(kKey, "5f1c9a0b7e42", 17, {"bytes"})).value());
  EXPECT_EQ("bytes", executors_.run(store_->get(kKey)).value().view());
  EXPECT_EQ(0u, files_aside());
}

TEST_F(FileStoreTest, BytesThatAreNotThoseAnnouncedAreNotStored) {
  auto object = make_object(kKey, "5f1c9a0b7e42", 17, {"bytes"});
  object->checksums.crc32c ^= 1;
  auto failed = put(object);
  ASSERT_FALSE(failed);
  EXPECT_NE(std::string::npos, failed.error().what.find("not those that were announced"))
      << failed.error().what;
  EXPECT_FALSE(there(kKey));
}

TEST_F(FileStoreTest, ANameSaysWhoseTheFileIs) {
  const struct {
    const char* name;
    const char* journal_id;
    uint64_t sequence;
  } rows[] = {
      {"20261121T08Z-5f1c9a0b7e42-0000000017.ndjson.gz", "5f1c9a0b7e42", 17},
      {"20261121T08Z-5f1c9a0b7e42-0000000017-2.ndjson.gz", "5f1c9a0b7e42", 17},
      {"out-of-range-time-5f1c9a0b7e42-123456789012.ndjson.gz", "5f1c9a0b7e42", 123456789012},
      {"20261121T08Z-123456789012-123456789013.gz", "123456789012", 123456789013},
      {"20261121T08Z-5F1C9A0B7E42-0000000017.ndjson.gz", "", 0},
      {"20261121T08Z-5f1c9a0b7e4-0000000017.ndjson.gz", "", 0},
      {"20261121T08Z-5f1c9a0b7e42.ndjson.gz", "", 0},
      {"somebody.gz", "", 0},
  };
  for (const auto& row : rows) {
    ASSERT_TRUE(put(make_object(row.name, "ffffffffffff", 1, {"x"})));
    const auto info = executors_.run(store_->head(row.name)).value();
    ASSERT_TRUE(info);
    EXPECT_EQ(row.journal_id, info->journal_id) << row.name;
    EXPECT_EQ(row.sequence, info->sequence) << row.name;
  }
}

TEST_F(FileStoreTest, ANamelessFileIsOursByItsBytes) {
  EXPECT_EQ(PutOutcome::stored, put(make_object("plain.gz", "5f1c9a0b7e42", 17, {"the same"})).value());
  EXPECT_EQ(PutOutcome::already_ours,
            put(make_object("plain.gz", "5f1c9a0b7e42", 17, {"the ", "same"})).value());
  EXPECT_EQ(PutOutcome::taken, put(make_object("plain.gz", "5f1c9a0b7e42", 17, {"the Same"})).value());
}

TEST_F(FileStoreTest, KeysThatLeaveTheFolderAreRefused) {
  for (const std::string& key :
       {std::string("../x"), std::string("a/../../x"), std::string("/x"), std::string("a//x"),
        std::string("a/./x"), std::string("a/"), std::string(""), std::string("a\0b", 3),
        std::string(".cistern-incoming/x")}) {
    auto refused = put(make_object(key, "5f1c9a0b7e42", 17, {"x"}));
    ASSERT_FALSE(refused) << key;
    EXPECT_EQ(ErrorKind::fatal, refused.error().kind);
  }
  EXPECT_TRUE(disk_.steps.empty());
}

TEST_F(FileStoreTest, FilesAreForOwnerAndGroup) {
  const mode_t mask = ::umask(022);
  ASSERT_TRUE(put(make_object(kKey, "5f1c9a0b7e42", 17, {"x"})));
  ::umask(mask);
  struct stat status {};
  ASSERT_EQ(0, ::stat((root_ + "/" + kKey).c_str(), &status));
  EXPECT_EQ(0640u, status.st_mode & 0777u);
}

TEST_F(FileStoreTest, CheckSaysWhatItFoundAndLeavesNothing) {
  auto found = executors_.run(store_->check());
  ASSERT_TRUE(found) << found.error().what;
  EXPECT_NE(std::string::npos, found.value().find("is made with the first object")) << found.value();
  EXPECT_FALSE(std::filesystem::exists(root_));
  std::filesystem::create_directories(root_);
  found = executors_.run(store_->check());
  EXPECT_NE(std::string::npos, found.value().find("folder " + root_ + " can be written")) << found.value();
  EXPECT_TRUE(std::filesystem::is_empty(root_));
  disk_.fail_at = "write .cistern-check";
  found = executors_.run(store_->check());
  ASSERT_FALSE(found);
  EXPECT_NE(std::string::npos, found.error().what.find("make room")) << found.error().what;
  EXPECT_TRUE(std::filesystem::is_empty(root_));
}

}  // namespace
}  // namespace cistern

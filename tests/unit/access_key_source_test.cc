#include "server/access_key_source.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/temporary_folder.h"

namespace cistern {
namespace {

class AccessKeySourceTest : public testing::Test {
 protected:
  void write(const std::string& text) { std::ofstream(path_, std::ios::binary) << text; }
  std::string name_of(AccessKeySource& source, const char* key) {
    auto result = source.latest().get()->check(key);
    return result ? result.value().name : "(unauthorized)";
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "key";
};

TEST_F(AccessKeySourceTest, ValueAndFileAndItsLineEnd) {
  write("from file\r\n");
  auto source = AccessKeySource::load(false, {{"v", "direct", ""}, {"f", "", path_}});
  ASSERT_TRUE(source);
  EXPECT_EQ(name_of(*source.value(), "direct"), "v");
  EXPECT_EQ(name_of(*source.value(), "from file"), "f");
}

TEST_F(AccessKeySourceTest, AChangedFileIsTakenAndABadOneRefused) {
  write("one");
  auto loaded = AccessKeySource::load(false, {{"f", "", path_}});
  ASSERT_TRUE(loaded);
  AccessKeySource& source = *loaded.value();
  EXPECT_FALSE(source.reload_if_changed());
  write("two");
  EXPECT_TRUE(source.reload_if_changed());
  EXPECT_EQ(name_of(source, "two"), "f");
  EXPECT_EQ(name_of(source, "one"), "(unauthorized)");
  write("\n");
  EXPECT_FALSE(source.reload_if_changed());
  EXPECT_EQ(name_of(source, "two"), "f") << "the old key stays in use";
  std::filesystem::remove(path_);
  EXPECT_FALSE(source.reload_if_changed());
  EXPECT_EQ(name_of(source, "two"), "f");
}

TEST_F(AccessKeySourceTest, ARefusedConfigurationLeavesTheOldOne) {
  auto loaded = AccessKeySource::load(false, {{"a", "one", ""}});
  ASSERT_TRUE(loaded);
  EXPECT_FALSE(loaded.value()->reload(false, {}));
  EXPECT_EQ(name_of(*loaded.value(), "one"), "a");
  EXPECT_TRUE(loaded.value()->reload(false, {{"b", "two", ""}}));
  EXPECT_EQ(name_of(*loaded.value(), "two"), "b");
  EXPECT_TRUE(loaded.value()->reload(true, {}));
  EXPECT_EQ(name_of(*loaded.value(), "whatever"), "");
}

TEST_F(AccessKeySourceTest, MissingFileNamesItself) {
  auto source = AccessKeySource::load(false, {{"f", "", path_}});
  ASSERT_FALSE(source);
  EXPECT_NE(source.error().what.find(path_), std::string::npos);
}

}  // namespace
}  // namespace cistern

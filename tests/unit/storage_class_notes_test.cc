#include "server/storage_class_notes.h"

#include <gtest/gtest.h>

namespace cistern {
namespace {

std::string notes_of(const std::string& storage_class) {
  Config config;
  config.store.type = "s3";
  config.store.object.storage_class = storage_class;
  std::string text;
  for (const std::string& note : storage_class_notes(config)) text += note + "\n";
  return text;
}

TEST(StorageClassNotes, SizesAndDurations) {
  EXPECT_NE(std::string::npos, notes_of("STANDARD_IA").find("at least 30 days"));
  EXPECT_NE(std::string::npos, notes_of("GLACIER_IR").find("at least 90 days"));
  EXPECT_NE(std::string::npos, notes_of("GLACIER_IR").find("at least 128KiB"));
  EXPECT_NE(std::string::npos, notes_of("GLACIER").find("adds 40KiB"));
  EXPECT_NE(std::string::npos, notes_of("DEEP_ARCHIVE").find("at least 180 days"));
  EXPECT_NE(std::string::npos, notes_of("DEEP_ARCHIVE").find("must be restored"));
  EXPECT_NE(std::string::npos, notes_of("DEEP_ARCHIVE").find("flushed after 5m"));
  EXPECT_EQ(std::string::npos, notes_of("GLACIER_IR").find("restored"));
}

TEST(StorageClassNotes, NothingToSay) {
  EXPECT_EQ("", notes_of(""));
  EXPECT_EQ("", notes_of("STANDARD"));
  EXPECT_EQ("", notes_of("INTELLIGENT_TIERING"));
  Config folder;
  folder.store.object.storage_class = "GLACIER";
  EXPECT_TRUE(storage_class_notes(folder).empty());
}

}  // namespace
}  // namespace cistern

#include "pipeline/archive/upload_list.h"

#include <gtest/gtest.h>

namespace cistern {
namespace {

TEST(UploadList, AnUploadIsThereFromItsBeginningToItsEnd) {
  UploadList list;
  const uint64_t upload = list.begin("2026/", 1000);
  EXPECT_EQ(list.under_way(9).at(0).partition, "2026/");
  EXPECT_EQ(list.under_way(9).at(0).key, "");
  list.sealed(upload, "2026/a.gz", 10, 2);
  list.trying(upload);
  list.failed(upload, 2000, "no answer", false);
  const UploadUnderWay found = list.under_way(9).at(0);
  EXPECT_EQ(found.key, "2026/a.gz");
  EXPECT_EQ(found.tries, 1u);
  EXPECT_EQ(found.error, "no answer");
  EXPECT_EQ(list.trouble(), "no answer");
  list.goes_well(upload);
  EXPECT_EQ(list.trouble(), "");
  list.end(upload);
  EXPECT_TRUE(list.under_way(9).empty());
  EXPECT_EQ(list.errors().size(), 1u);
}

TEST(UploadList, TheOldestTroubleIsTold) {
  UploadList list;
  const uint64_t first = list.begin("a", 1), second = list.begin("b", 2);
  list.failed(second, 3, "later", true);
  list.failed(first, 4, "earlier", false);
  EXPECT_EQ(list.trouble(), "earlier");
  list.end(first);
  EXPECT_EQ(list.trouble(), "later");
  EXPECT_EQ(list.under_way(0).size(), 0u);
}

TEST(UploadList, TheSameErrorIsOneAndTheListIsBounded) {
  UploadList list;
  const uint64_t upload = list.begin("a", 1);
  for (int i = 0; i < 100; ++i) list.failed(upload, i, "the same", false);
  for (int i = 0; i < 30; ++i) list.failed(upload, 100 + i, "error " + std::to_string(i), true);
  list.failed(upload, 200, "error 15", true);
  const auto errors = list.errors();
  ASSERT_EQ(errors.size(), UploadList::kErrorsKept);
  EXPECT_EQ(errors[0].what, "error 15");
  EXPECT_EQ(errors[0].times, 2u);
  EXPECT_EQ(errors[0].at_ms, 200);
  EXPECT_EQ(errors[1].what, "error 29");
}

}  // namespace
}  // namespace cistern

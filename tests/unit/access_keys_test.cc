#include "handlers/access_keys.h"

#include <string>

#include <gtest/gtest.h>

namespace cistern {
namespace {

std::string refusal(const std::vector<AccessKey>& keys) {
  auto made = AccessKeys::make(keys);
  return made ? "" : made.error().what;
}

TEST(AccessKeys, EachKeyIsKnownByItsName) {
  AccessKeys keys = AccessKeys::make({{"old", "one"}, {"new", "two"}}).value();
  EXPECT_EQ(keys.check("one").value().name, "old");
  EXPECT_EQ(keys.check("two").value().name, "new");
}

TEST(AccessKeys, EverythingElseIsUnauthorized) {
  AccessKeys keys = AccessKeys::make({{"a", "qwert"}}).value();
  for (std::optional<std::string_view> wrong :
       {std::optional<std::string_view>(), std::optional<std::string_view>(""),
        std::optional<std::string_view>("qwer"), std::optional<std::string_view>("qwert "),
        std::optional<std::string_view>("QWERT")}) {
    auto result = keys.check(wrong);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::unauthorized);
    EXPECT_EQ(result.error().what.find("qwer"), std::string::npos) << "quotes what was presented";
  }
}

TEST(AccessKeys, NoneLetsEverybodyIn) {
  EXPECT_EQ(AccessKeys::none().check(std::nullopt).value().name, "");
  EXPECT_EQ(AccessKeys::none().check("anything").value().name, "");
}

TEST(AccessKeys, AnEmptySetIsNotNone) { EXPECT_NE(refusal({}), ""); }

TEST(AccessKeys, RefusesWhatNoHeaderCanCarry) {
  EXPECT_EQ(refusal({{"k", ""}}), "access key 'k' is empty: give it a value of up to 4096 bytes");
  EXPECT_EQ(refusal({{"k", " \t"}}), "access key 'k' is empty: give it a value of up to 4096 bytes");
  EXPECT_NE(refusal({{"k", "a\nb"}}), "");
  EXPECT_NE(refusal({{"k", std::string("a\0b", 3)}}), "");
  EXPECT_NE(refusal({{"k", std::string(4097, 'x')}}), "");
  EXPECT_EQ(refusal({{"k", std::string(4096, 'x')}}), "");
}

TEST(AccessKeys, BlanksAroundAKeyAreNoPartOfIt) {
  EXPECT_TRUE(AccessKeys::make({{"k", "  secret "}}).value().check("secret"));
}

TEST(AccessKeys, ErrorsNeverQuoteTheKey) {
  EXPECT_EQ(refusal({{"k", "s3cret\n!"}}).find("s3cret"), std::string::npos);
}

}  // namespace
}  // namespace cistern

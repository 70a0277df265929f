#include "handlers/common_attributes.h"

#include <gtest/gtest.h>

namespace cistern {
namespace {

using Attributes = std::vector<std::pair<std::string, std::string>>;

TEST(CommonAttributes, InTheirOrder) {
  auto parsed = parse_common_attributes(R"({"commonAttributes":{"b":"1","a":"","c":"\u00e9\"x"}})");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed.value(), (Attributes{{"b", "1"}, {"a", ""}, {"c", "\xC3\xA9\"x"}}));
}

TEST(CommonAttributes, AbsentOrEmptyIsNone) {
  EXPECT_TRUE(parse_common_attributes("").value().empty());
  EXPECT_TRUE(parse_common_attributes(R"({"commonAttributes":{}})").value().empty());
}

TEST(CommonAttributes, Utf8AndLatin1) {
  EXPECT_EQ(parse_common_attributes("{\"commonAttributes\":{\"a\":\"\xC3\xA9\"}}").value()[0].second,
            "\xC3\xA9");
  EXPECT_EQ(parse_common_attributes("{\"commonAttributes\":{\"a\":\"\xE9\"}}").value()[0].second, "\xC3\xA9");
}

TEST(CommonAttributes, FiftyPassFiftyOneDoNot) {
  auto header = [](int count) {
    std::string text = R"({"commonAttributes":{)";
    for (int i = 0; i < count; ++i) text += (i ? ",\"" : "\"") + std::to_string(i) + "\":\"v\"";
    return text + "}}";
  };
  EXPECT_EQ(parse_common_attributes(header(50)).value().size(), 50u);
  EXPECT_FALSE(parse_common_attributes(header(51)));
}

// What follows the 51st is not looked at: here it is not even JSON.
TEST(CommonAttributes, ReadingStopsAtTheFirstOneTooMany) {
  std::string text = R"({"commonAttributes":{)";
  for (int i = 0; i < 20000; ++i) text += "\"" + std::to_string(i) + "\":\"v\",";
  auto parsed = parse_common_attributes(text + "!");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().what,
            "The header X-Amz-Firehose-Common-Attributes has more than 50 attributes. Configure fewer.");
}

TEST(CommonAttributes, BrokenOnesAreInvalid) {
  for (const char* bad :
       {"{", "[]", "null", "{}", R"({"commonAttributes":[]})", R"({"commonAttributes":{"a":1}})",
        R"({"commonAttributes":{"a":"\ud800"}})", R"({"commonAttributes":{}} x)"}) {
    auto parsed = parse_common_attributes(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_EQ(parsed.error().kind, ErrorKind::invalid);
  }
}

}  // namespace
}  // namespace cistern

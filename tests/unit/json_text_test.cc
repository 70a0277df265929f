#include "pipeline/decode/json_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/record_maker.h"

namespace cistern {
namespace {

std::string escaped(std::string_view text) {
  Buffer out;
  append_escaped(text, out);
  return std::string(out.view());
}

TEST(JsonText, EscapingComesBackFromAnotherParser) {
  test::RecordMaker maker(2);
  for (int i = 0; i < 300; ++i) {
    const std::string text = maker.message();
    EXPECT_EQ(escaped_size(text), escaped(text).size());
    EXPECT_EQ(nlohmann::json::parse("\"" + escaped(text) + "\""), text);
    EXPECT_EQ(unescape(escaped(text)), text);
    EXPECT_EQ(unescape(nlohmann::json(text).dump(-1, ' ', true)), "\"" + text + "\"");
  }
}

TEST(JsonText, LoneSurrogatesAreBytesOfTheirOwn) {
  EXPECT_EQ(unescape(R"(\ud83d\ude00)"), "\U0001f600");
  EXPECT_EQ(unescape(R"(\ud83dx)"), "\xed\xa0\xbdx");
  EXPECT_EQ(unescape(R"(\ude00\ud83d)"), "\xed\xb8\x80\xed\xa0\xbd");
  EXPECT_EQ(unescape(R"(\ud83d\ud83d\ude00)"), "\xed\xa0\xbd\U0001f600");
  EXPECT_EQ(unescape(R"(\u0000)"), std::string(1, '\0'));
}

TEST(JsonText, TextOfAnyEncodingCanBeQuoted) {
  Buffer out;
  append_quoted("caf\xe9 \"x\"", out);
  append_quoted("café", out);
  EXPECT_EQ(out.view(), R"("caf\u00e9 \"x\"""café")");
}

TEST(JsonText, NewlinesBetweenTokensAreDropped) {
  Buffer out;
  append_on_one_line("{\r\n  \"a\": [\n\t1,\n2]\n}", out);
  EXPECT_EQ(out.view(), R"({  "a": [1,2]})");
}

}  // namespace
}  // namespace cistern

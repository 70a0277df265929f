#include "pipeline/decode/json_check.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/unit/record_maker.h"

namespace cistern {
namespace {

TEST(JsonCheck, EscapesAreJsonsOwnAndNoOthers) {
  EXPECT_TRUE(escapes_are_valid(""));
  EXPECT_TRUE(escapes_are_valid(R"({"a":"\"\\\/\b\f\n\r\t\u00e9\uD800"})"));
  for (const char* bad :
       {R"("\x41")", R"("\a")", R"("\u12G4")", R"("\u123)", R"("\)", R"("\U0041")", R"("\ ")"}) {
    EXPECT_FALSE(escapes_are_valid(bad)) << bad;
  }
}

TEST(JsonCheck, AnEscapeIsSeenAtEveryPlaceOfAWord) {
  for (size_t before = 0; before < 40; ++before) {
    for (size_t after = 0; after < 20; ++after) {
      const std::string left(before, 'x'), right(after, 'y');
      EXPECT_TRUE(escapes_are_valid(left + "\\\\" + right));
      EXPECT_TRUE(escapes_are_valid(left + "\\\\\\\"" + right));
      EXPECT_FALSE(escapes_are_valid(left + "\\q" + right));
      EXPECT_FALSE(escapes_are_valid(left + "\\\\\\x" + right));
    }
  }
}

TEST(JsonCheck, ValuesAreCheckedStrictly) {
  for (const char* good :
       {"{}", "[]", " [1, -0, 0.5, 1e9, 1E+9, -1.5e-3] ", R"({"a":{"b":[true,false,null,"x\ny"]}})", "3",
        "\"\"", "\t\r\n null \n", R"({"a":1,"a":2})", R"("\uDC00")"}) {
    EXPECT_TRUE(is_json_value(good, 64)) << good;
  }
  for (const char* bad :
       {"",           " ",         "{",    "}",     "[1,]",      "[,1]", "{\"a\"}", "{\"a\":}",
        "{\"a\":1,}", "{a:1}",     "01",   "-",     "+1",        ".5",   "1.",      "1e",
        "1e+",        "nul",       "truE", "[1 2]", "{\"a\" 1}", "\"a",  "\"\t\"",  "\"\\x\"",
        "[1}",        "{\"a\":1]", "1 2",  "{}{}",  "'a'",       "NaN",  "0x10",    "[\"a\":1]"}) {
    EXPECT_FALSE(is_json_value(bad, 64)) << bad;
  }
}

TEST(JsonCheck, AgreesWithAnotherParserOnMutatedDocuments) {
  test::RecordMaker maker(1);
  const std::string document = R"( {"a":[1,-2.5e+3,null,true,{"b":"\u00e9\n\"x\\"},[]],"c":"" , "d":0.1} )";
  for (int i = 0; i < 20'000; ++i) {
    std::string text = document;
    text[maker.below(text.size())] = "{}[]:,\"\\ 0123-+.eEtfnu\n"[maker.below(23)];
    if (maker.below(3) == 0) text.erase(maker.below(text.size()), 1 + maker.below(4));
    EXPECT_EQ(is_json_value(text, 64), nlohmann::json::accept(text)) << text;
  }
}

TEST(JsonCheck, DepthIsBounded) {
  EXPECT_TRUE(is_json_value("[[[1]]]", 3));
  EXPECT_FALSE(is_json_value("[[[1]]]", 2));
  EXPECT_TRUE(is_json_value("1", 0));
  EXPECT_FALSE(is_json_value(std::string(1'000'000, '['), 64));
}

TEST(JsonCheck, FindsWhereADocumentEnds) {
  EXPECT_EQ(first_json_document(R"({"a":"}{\""}{"b":1})"), R"({"a":"}{\""})");
  EXPECT_EQ(first_json_document(R"({"a":[{},{}]} tail)"), R"({"a":[{},{}]})");
  EXPECT_EQ(first_json_document(R"({"a":"\\"}})"), R"({"a":"\\"})");
  EXPECT_EQ(first_json_document(R"({"a":"}")"), "");
  EXPECT_EQ(first_json_document("{"), "");
  EXPECT_EQ(first_json_document("{\"\\"), "");
  EXPECT_EQ(first_json_document(""), "");
}

}  // namespace
}  // namespace cistern

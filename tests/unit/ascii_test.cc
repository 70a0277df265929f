#include "pipeline/ascii.h"

#include <gtest/gtest.h>

#include "pipeline/percent.h"

namespace cistern {
namespace {

TEST(Ascii, LettersOutsideOfItHaveNoCase) {
  EXPECT_EQ(lower("AZ[`az{\xc3\x84"), "az[`az{\xc3\x84");
  EXPECT_TRUE(same_without_case("Content-Length", "cONTENT-lENGTH"));
  EXPECT_FALSE(same_without_case("a", "aa"));
  EXPECT_FALSE(same_without_case("\xc3\x84", "\xc3\xa4"));
  EXPECT_FALSE(same_without_case("[", "{"));
}

TEST(Ascii, PrintableTextIsCutAndHasNoOtherCharacters) {
  EXPECT_EQ(printable("a b~\n\x7f\xff", 100), "a b~???");
  EXPECT_EQ(printable("abcdef", 3), "abc");
}

TEST(Ascii, OnlyLineEndsAtTheEndGo) {
  EXPECT_EQ(without_line_end("a\r\nb \n\r\n"), "a\r\nb ");
  EXPECT_EQ(without_line_end("\n\n"), "");
  EXPECT_EQ(without_line_end(""), "");
}

TEST(Percent, OnlyWholeEscapesAreDecoded) {
  EXPECT_EQ(percent_decoded("a%2Fb%2f%00"), std::string("a/b/\0", 5));
  EXPECT_EQ(percent_decoded("%"), "%");
  EXPECT_EQ(percent_decoded("%4"), "%4");
  EXPECT_EQ(percent_decoded("%g1%1g%-1"), "%g1%1g%-1");
}

}  // namespace
}  // namespace cistern

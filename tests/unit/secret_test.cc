#include "pipeline/secret.h"

#include <gtest/gtest.h>

#include "pipeline/store/xml_text.h"

namespace cistern {
namespace {

TEST(Secret, WhatIsTakenIsGoneWhereItWas) {
  std::string text(100, 'x');
  text.resize(40);  // an earlier, longer text is still behind it
  const char* where = text.data();
  const Secret secret = Secret::take(text);
  EXPECT_EQ(std::string(40, 'x'), secret.view());
  EXPECT_TRUE(text.empty());
  ASSERT_EQ(where, text.data());
  for (int i = 0; i < 100; ++i) ASSERT_EQ('\0', where[i]) << i;
}

TEST(Secret, ShortTextsToo) {
  std::string text = "short";  // lies in the string object itself
  const char* where = text.data();
  EXPECT_EQ("short", Secret::take(text).view());
  EXPECT_EQ(std::string(5, '\0'), std::string(where, 5));
}

TEST(Secret, IsComparedByItsBytes) {
  EXPECT_EQ(Secret("abc"), Secret(std::string("abc")));
  EXPECT_FALSE(Secret("abc") == Secret("abd"));
  EXPECT_FALSE(Secret("abc") == Secret("ab"));
  EXPECT_TRUE(Secret().empty());
  EXPECT_EQ(Secret(), Secret(""));
}

TEST(XmlText, TextsOfElements) {
  const std::string document =
      "<?xml?><A x=\"<B>no</B>\"><B>one &amp; &lt;two&gt; "
      "&quot;3&apos;</B><B>two</B><C><D/></C><E></E><F>cut";
  EXPECT_EQ("no", xml_text(document, "B"));  // attributes with markup in them are not what AWS sends
  EXPECT_EQ("one & <two> \"3'", xml_text(document.substr(24), "B"));
  EXPECT_EQ("", xml_text(document, "C"));
  EXPECT_EQ("", xml_text(document, "E"));
  EXPECT_EQ("", xml_text(document, "F"));
  EXPECT_EQ("", xml_text(document, "G"));
  EXPECT_EQ("", xml_text(std::string(70'000, ' ') + "<B>far</B>", "B"));
}

}  // namespace
}  // namespace cistern

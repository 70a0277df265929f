#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "server/command_top.h"
#include "server/top/top_screen.h"

namespace cistern {
namespace {

TEST(TopLine, WhatComesFromOutsideMovesNoCursor) {
  EXPECT_EQ(TopLine("a\x1b[2J\r\n\x7f\xc3\xa4z", Look::plain).text(80, false), "a?[2J????z");
}

TEST(TopLine, IsAsWideAsTheTerminal) {
  TopLine line;
  line.left("name", 6).right("12", 5, Look::bold).add(" and more");
  EXPECT_EQ(line.text(80, false), "name     12 and more");
  EXPECT_EQ(line.text(11, false), "name     12");
  EXPECT_EQ(line.text(11, true), "name  \x1b[1m   12\x1b[0m");
  EXPECT_EQ(TopLine().left("a long name", 6).text(80, false), "a lon~");
}

TEST(TopScreen, TakesOnlyAStatusDocument) {
  for (const char* text : {"", "[]", "{}", R"({"document":"cistern-status-2"})", "<html>"})
    EXPECT_TRUE(read_status(text).has_error()) << text;
  EXPECT_TRUE(read_status(R"({"document":"cistern-status-1"})"));
}

TEST(TopCommand, AsksWhereTheUrlSays) {
  EXPECT_EQ(endpoint_of("http://10.0.0.7:9464").value(), (Endpoint{"10.0.0.7", 9464}));
  EXPECT_EQ(endpoint_of("http://[::1]:9464/status.json").value(), (Endpoint{"::1", 9464}));
  for (const char* url : {"https://10.0.0.7:9464", "10.0.0.7:9464", "http://10.0.0.7", "http://:1",
                          "http://a:0", "http://a:99999", "http://"})
    EXPECT_TRUE(endpoint_of(url).has_error()) << url;
}

}  // namespace
}  // namespace cistern

#include "handlers/request_head.h"

#include <string>

#include <gtest/gtest.h>

namespace cistern {
namespace {

TEST(HeadScanner, FindsTheEndHoweverTheBytesCome) {
  const std::string text = "GET / HTTP/1.1\r\nHost: h\r\n\r\nbody";
  const size_t end = text.size() - 4;
  for (size_t step = 1; step <= text.size(); ++step) {
    HeadScanner scanner;
    std::optional<size_t> found;
    for (size_t size = step; !found; size += step)
      found = scanner.scan(std::string_view(text).substr(0, size)).value();
    EXPECT_EQ(found, end) << step;
  }
}

TEST(HeadScanner, RefusesLonelyLineEndsAndNul) {
  for (std::string_view bad : {std::string_view("a\nb"), std::string_view("a\rb"),
                               std::string_view("a\0b", 3), std::string_view("a\r\r\n")}) {
    EXPECT_FALSE(HeadScanner().scan(bad));
  }
  EXPECT_TRUE(HeadScanner().scan("a\r")) << "its LF may still come";
}

TEST(RequestHead, FieldsAsTheyCame) {
  RequestHead head;
  std::string text = "POST /p?q HTTP/1.1\r\nHost: h\r\nX-A:\t v w \r\nx-a2:\r\nContent-Length: 12\r\n\r\n";
  ASSERT_TRUE(parse_request_head(text, head));
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.target, "/p?q");
  EXPECT_EQ(head.path(), "/p");
  EXPECT_EQ(head.field("x-A"), "v w");
  EXPECT_EQ(head.field("X-A2"), "");
  EXPECT_EQ(head.field("X-A3"), std::nullopt);
  EXPECT_EQ(head.content_length, 12u);
  EXPECT_TRUE(head.keep_alive);
}

TEST(RequestHead, AFieldThatCameTwiceHasNoValue) {
  RequestHead head;
  ASSERT_TRUE(parse_request_head("GET / HTTP/1.1\r\nHost: h\r\nA: 1\r\na: 2\r\n\r\n", head));
  EXPECT_EQ(head.field("A"), std::nullopt);
  EXPECT_EQ(head.count("A"), 2u);
}

// Longer than 64 KiB: what 50 legal attributes with escapes can take.
TEST(RequestHead, Trap09_AValueOf200KiB) {
  RequestHead head;
  std::string value(200 << 10, 'v');
  std::string text = "GET / HTTP/1.1\r\nHost: h\r\nA: " + value + "\r\n\r\n";
  ASSERT_TRUE(parse_request_head(text, head));
  EXPECT_EQ(head.field("A"), value);
}

TEST(RequestHead, ABrokenHeadStillShowsItsFirstFields) {
  RequestHead head;
  EXPECT_FALSE(parse_request_head("POST / HTTP/3\r\nA: 1\r\nB : 2\r\nC: 3\r\n\r\n", head));
  EXPECT_EQ(head.field("A"), "1");
  EXPECT_EQ(head.field("C"), std::nullopt);
}

TEST(RequestHead, PathOfEveryForm) {
  auto path = [](std::string_view target) {
    RequestHead head;
    head.target = target;
    return std::string(head.path());
  };
  EXPECT_EQ(path("/"), "/");
  EXPECT_EQ(path("/a/b?c?d"), "/a/b");
  EXPECT_EQ(path("https://host:1/a?b"), "/a");
  EXPECT_EQ(path("HTTP://host"), "/");
  EXPECT_EQ(path("https://host?q"), "/");
  EXPECT_EQ(path("*"), "*");
}

TEST(RequestHead, ConnectionOptions) {
  auto keep_alive = [](std::string text) {
    RequestHead head;
    EXPECT_TRUE(parse_request_head(text + "\r\nHost: h\r\n\r\n", head));
    return head.keep_alive;
  };
  EXPECT_TRUE(keep_alive("GET / HTTP/1.1"));
  EXPECT_TRUE(keep_alive("GET / HTTP/1.1\r\nConnection: keep-alive"));
  EXPECT_FALSE(keep_alive("GET / HTTP/1.1\r\nConnection: Close"));
  EXPECT_FALSE(keep_alive("GET / HTTP/1.1\r\nConnection: TE,  close"));
  EXPECT_FALSE(keep_alive("GET / HTTP/1.0"));
}

}  // namespace
}  // namespace cistern

// Where messages come from, how they become JSON, and the ids they get.
#include <cstdio>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "server/send/json_string.h"
#include "server/send/log_lines.h"
#include "server/send/made_up_lines.h"
#include "server/send/send_ids.h"
#include "tests/temporary_folder.h"

namespace cistern {
namespace {

using namespace std::string_view_literals;

class TextFile {
 public:
  explicit TextFile(std::string_view bytes) { std::ofstream(path_, std::ios::binary) << bytes; }
  const std::string& path() const { return path_; }

 private:
  TemporaryFolder folder_;
  const std::string path_ = folder_ / "lines";
};

std::vector<std::string> all_lines(LogLines& lines, size_t most = 100) {
  std::vector<std::string> all;
  for (std::string line; all.size() < most && lines.next(line);) all.push_back(line);
  return all;
}

TEST(SendLines, FilesAreReadOneAfterTheOther) {
  const TextFile a("one\n\ntwo\r\n"sv);
  const TextFile b("bad \xff byte\nwithout an end"sv);
  auto lines = FileLines::open({a.path(), b.path()}, false);
  ASSERT_TRUE(lines);
  EXPECT_EQ(all_lines(*lines.value()),
            (std::vector<std::string>{"one", "two\r", "bad \xef\xbf\xbd byte", "without an end"}));
}

TEST(SendLines, FilesAreReadAgainWhenAsked) {
  const TextFile a("one\ntwo\n"sv);
  auto lines = FileLines::open({a.path()}, true);
  ASSERT_TRUE(lines);
  EXPECT_EQ(all_lines(*lines.value(), 5), (std::vector<std::string>{"one", "two", "one", "two", "one"}));
}

TEST(SendLines, EmptyFilesAreNotReadForEver) {
  const TextFile a("\n\n"sv);
  auto lines = FileLines::open({a.path()}, true);
  ASSERT_TRUE(lines);
  EXPECT_TRUE(all_lines(*lines.value()).empty());
}

TEST(SendLines, MissingFileIsNamed) {
  auto lines = FileLines::open({"/nowhere/at/all.log"}, false);
  ASSERT_FALSE(lines);
  EXPECT_NE(lines.error().what.find("/nowhere/at/all.log"), std::string::npos);
}

TEST(SendLines, MadeUpLinesFollowTheirSeed) {
  MadeUpLines a(7), b(7), c(8);
  const auto lines = all_lines(a, 1000);
  EXPECT_EQ(lines, all_lines(b, 1000));
  EXPECT_NE(lines, all_lines(c, 1000));
  size_t json = 0, traces = 0;
  for (const std::string& line : lines) {
    ASSERT_EQ(make_utf8(line), line);
    if (line[0] == '{') {
      json += 1;
      EXPECT_TRUE(nlohmann::json::accept(line)) << line;
    }
    traces += line.find("\n\tat ") != std::string::npos ? 1 : 0;
  }
  EXPECT_GT(json, 0u);
  EXPECT_GT(traces, 0u);
}

TEST(SendJsonString, ComesBackByteForByte) {
  std::string text(
      "quote \" backslash \\ NUL \0 bell \a line \n tab \t del \x7f U+2028 \u2028 \U0001f600 \uD7FF"sv);
  std::string json;
  append_json_string(text, json);
  EXPECT_EQ(json.find('\n'), std::string::npos);
  EXPECT_EQ(nlohmann::json::parse(json).get<std::string>(), text);
}

TEST(SendJsonString, LoneSurrogatesBecomeEscapes) {
  std::string json;
  append_json_string("a\xed\xa0\xbd z\xed\xbf\xbf", json);
  EXPECT_EQ(json, R"("a\ud83d z\udfff")");
}

TEST(SendJsonString, WrongUtf8IsReplacedByteByByte) {
  const std::string r = "\xef\xbf\xbd";
  EXPECT_EQ(make_utf8("ok \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"),
            "ok \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
  EXPECT_EQ(make_utf8("\xc0\xaf"), r + r);                  // overlong
  EXPECT_EQ(make_utf8("\xed\xa0\x80"), r + r + r);          // surrogate
  EXPECT_EQ(make_utf8("\xf4\x90\x80\x80"), r + r + r + r);  // beyond U+10FFFF
  EXPECT_EQ(make_utf8("cut \xe2\x82"), "cut " + r + r);
}

// What python3 says of int(id) >> 144 and int(id) & 0xffff, by long division.
std::pair<std::string, unsigned> shifted(const std::string& decimal) {
  std::string number = decimal;
  unsigned low = 0;
  for (int bit = 0; bit < 144; ++bit) {
    unsigned rest = 0;
    for (char& digit : number) {
      const unsigned value = rest * 10 + static_cast<unsigned>(digit - '0');
      digit = static_cast<char>('0' + value / 2);
      rest = value % 2;
    }
    if (bit < 16) low |= rest << bit;
  }
  const size_t first = number.find_first_not_of('0');
  return {first == std::string::npos ? "0" : number.substr(first), low};
}

TEST(SendIds, CarryTheTimestampAsCloudWatchIdsDo) {
  EventIds ids(42);
  ids.begin_envelope();
  for (unsigned i = 0; i < 3; ++i) {
    const std::string id = ids.next(1'700'000'000'123);
    EXPECT_EQ(id.size(), 56u);
    EXPECT_EQ(shifted(id), std::make_pair(std::string("1700000000123"), i));
  }
}

TEST(SendIds, AreUniqueWithinAndBetweenRuns) {
  EventIds a(1), b(2);
  std::set<std::string> seen;
  for (int i = 0; i < 70'000; ++i)
    seen.insert(a.next(1'700'000'000'000));  // more than one envelope can count
  for (int i = 0; i < 100; ++i) {
    a.begin_envelope();
    b.begin_envelope();
    seen.insert(a.next(1'700'000'000'000));
    seen.insert(b.next(1'700'000'000'000));
  }
  EXPECT_EQ(seen.size(), 70'200u);
}

TEST(SendIds, RequestIdsAreUuids) {
  SendRng rng(1);
  const std::string id = make_request_id(rng);
  ASSERT_EQ(id.size(), 36u);
  EXPECT_EQ(id[14], '4');
  EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos);
  EXPECT_NE(make_request_id(rng), id);
}

}  // namespace
}  // namespace cistern

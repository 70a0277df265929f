#include "pipeline/codec.h"

#include <string>

#include <gtest/gtest.h>

namespace cistern {
namespace {

std::string to_gzip(std::string_view bytes, int level = 6) {
  Buffer out;
  Gzip().run(Buffer(bytes).view(), {level}, out);
  return std::string(out.view());
}

Result<std::string> from_gzip(std::string_view bytes, uint64_t max_bytes = 1 << 20) {
  Buffer out;
  CISTERN_TRY(Gunzip().run(bytes, max_bytes, out));
  return std::string(out.view());
}

std::string lines(size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += "line " + std::to_string(i * 7919) + " of a log\n";
  return text;
}

TEST(Codec, EveryLevelRoundTripsAndIsDeterministic) {
  const std::string text = lines(5000);
  for (int level = 0; level <= 12; ++level) {
    EXPECT_EQ(from_gzip(to_gzip(text, level)).value(), text) << level;
    EXPECT_EQ(to_gzip(text, level), to_gzip(text, level));
    EXPECT_TRUE(starts_gzip(to_gzip(text, level)));
  }
  EXPECT_EQ(from_gzip(to_gzip("", 0)).value(), "");
}

TEST(Codec, ReadsEveryMemberAndTrailingZeros) {
  EXPECT_EQ(from_gzip(to_gzip("one ") + to_gzip("two ", 0) + to_gzip("") + to_gzip("three")).value(),
            "one two three");
  EXPECT_EQ(from_gzip(to_gzip("one") + std::string(512, '\0')).value(), "one");
}

TEST(Codec, RefusesAnyCutAndAnyFlippedByte) {
  const std::string whole = to_gzip(lines(40));
  for (size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(from_gzip(whole.substr(0, size))) << size;
  for (size_t at = whole.size() - 8; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] ^= 1;
    EXPECT_FALSE(from_gzip(damaged)) << at;
  }
  EXPECT_FALSE(from_gzip(whole + "x"));
  EXPECT_EQ(from_gzip("not gzip at all, just some text").error().kind, ErrorKind::invalid);
}

TEST(Codec, LargeMembersAreReadWholeAndNoDamageIsLetPass) {
  const std::string text = lines(20'000);  // some 400 KB
  const std::string whole = to_gzip(text);
  const std::string small = to_gzip("between ");
  EXPECT_EQ(from_gzip(whole + small + to_gzip(text, 0) + std::string(9, '\0'), 2 << 20).value(),
            text + "between " + text);
  for (size_t at = 0; at < whole.size(); at += 997) {
    EXPECT_FALSE(from_gzip(whole.substr(0, at))) << at;
    std::string damaged = whole;
    damaged[at] ^= 0x10;
    const auto read = from_gzip(damaged);
    EXPECT_TRUE(!read || read.value() == text) << at;  // the header holds bytes that mean nothing
  }
  EXPECT_FALSE(from_gzip(whole.substr(0, whole.size() - 1)));
  EXPECT_EQ(from_gzip(whole, text.size()).value(), text);
  EXPECT_EQ(from_gzip(whole, text.size() - 1).error().kind, ErrorKind::busy);
}

// Its own test, because flips elsewhere in a large member change its bytes as well.
TEST(Codec, ALargeMemberWithAnyBitOfItsChecksumOrSizeFlippedIsRefused) {
  const std::string whole = to_gzip(lines(20'000));
  for (size_t bit = 0; bit < 64; ++bit) {
    std::string damaged = whole;
    damaged[whole.size() - 8 + bit / 8] ^= static_cast<char>(1 << bit % 8);
    EXPECT_FALSE(from_gzip(damaged)) << bit;
  }
}

TEST(Codec, TheBoundIsExactForLargeMembersOfAnySize) {
  const std::string text = lines(10'000);
  for (size_t size = 70'000; size < 150'000; size += 1009) {
    const std::string part = text.substr(0, size);
    for (const int level : {0, 1, 6}) {
      const std::string member = to_gzip(part, level);
      EXPECT_EQ(from_gzip(member, size).value(), part) << size;
      EXPECT_EQ(from_gzip(member, size - 1).error().kind, ErrorKind::busy) << size;
    }
  }
}

TEST(Codec, StopsAtTheBoundOverAllMembers) {
  const std::string bomb = to_gzip(std::string(1 << 20, 'x'));
  EXPECT_EQ(from_gzip(bomb, 1 << 20).value().size(), size_t{1} << 20);
  EXPECT_EQ(from_gzip(bomb, (1 << 20) - 1).error().kind, ErrorKind::busy);
  EXPECT_EQ(from_gzip(bomb + bomb, 3 << 19).error().kind, ErrorKind::busy);
}

TEST(Codec, ALyingTrailerCostsNoMemory) {
  std::string lying = to_gzip("small");
  for (size_t i = 1; i <= 4; ++i) lying[lying.size() - i] = '\xff';
  Buffer out;
  EXPECT_FALSE(Gunzip().run(lying, 1ull << 40, out));
  EXPECT_LT(out.capacity(), size_t{1} << 20);
}

}  // namespace
}  // namespace cistern

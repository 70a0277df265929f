#include "pipeline/archive/coalesce.h"

#include <string>

#include <gtest/gtest.h>

namespace cistern {
namespace {

std::vector<std::pair<size_t, size_t>> planned(std::vector<uint64_t> raw_bytes) {
  std::vector<std::pair<size_t, size_t>> pieces;
  for (const PieceRange range : plan_pieces(raw_bytes)) pieces.emplace_back(range.first, range.count);
  return pieces;
}

Buffer gzipped(std::string_view lines) {
  Buffer member;
  Gzip().run(lines, {1}, member);
  return member;
}

using Pieces = std::vector<std::pair<size_t, size_t>>;

TEST(Coalesce, RunsOfSmallFramesBecomeOnePieceUpToAMember) {
  EXPECT_EQ(planned({}), Pieces{});
  EXPECT_EQ(planned({100, 100, 100}), (Pieces{{0, 3}}));
  EXPECT_EQ(planned({100'000, 100'000, 62'144, 1}), (Pieces{{0, 3}, {3, 1}}));
}

TEST(Coalesce, LargeFramesStayAsTheyAre) {
  EXPECT_EQ(planned({1 << 20, 100, 200, 1 << 20, 300}), (Pieces{{0, 1}, {1, 2}, {3, 1}, {4, 1}}));
}

TEST(Coalesce, EveryFrameIsInExactlyOnePieceInOrder) {
  std::vector<uint64_t> raw_bytes;
  for (uint64_t i = 0; i < 1000; ++i) raw_bytes.push_back(i * 7919 % 300'000 + 1);
  size_t next = 0;
  for (const PieceRange range : plan_pieces(raw_bytes)) {
    EXPECT_EQ(range.first, next);
    next += range.count;
  }
  EXPECT_EQ(next, raw_bytes.size());
}

TEST(Coalesce, MergesLinesInOrderAndTheSameEveryTime) {
  const Buffer a = gzipped("one\n"), b = gzipped("two\nthree\n");
  const std::vector<std::string_view> frames{a.view(), b.view()};
  const Buffer merged = std::move(merge_frames(frames, 14)).value();
  Buffer lines;
  ASSERT_TRUE(Gunzip().run(merged.view(), 100, lines));
  EXPECT_EQ(lines.view(), "one\ntwo\nthree\n");
  EXPECT_EQ(merge_frames(frames, 14).value().view(), merged.view());
}

TEST(Coalesce, RefusesFramesThatAreNotWhatWasRecorded) {
  const Buffer a = gzipped("one\n");
  const std::vector<std::string_view> frames{a.view()};
  EXPECT_EQ(merge_frames(frames, 5).error().kind, ErrorKind::fatal);
  EXPECT_EQ(merge_frames(frames, 3).error().kind, ErrorKind::fatal);
}

}  // namespace
}  // namespace cistern

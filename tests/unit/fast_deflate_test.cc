#include "pipeline/deflate/fast_deflate.h"

#include <random>
#include <string>

#include <gtest/gtest.h>
#include <libdeflate.h>
#include <zlib.h>

namespace cistern {
namespace {

std::string deflated(std::string_view text, const ParseWay& way = ways_to_parse().front()) {
  const Buffer padded(text);
  Buffer out;
  FastDeflate(way).run(padded.view(), out);
  return std::string(out.view());
}

std::string inflated(std::string_view deflate, size_t size) {
  std::string text(size + 1, '\0');
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, -MAX_WBITS), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(deflate.data()));
  stream.avail_in = static_cast<uInt>(deflate.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0u);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  return text;
}

// Comes back whole, and every kind of processor makes the same of it.
void expect_back(std::string_view text) {
  const std::string made = deflated(text);
  EXPECT_TRUE(inflated(made, text.size()) == text) << text.size() << " bytes";
  for (const ParseWay& way : ways_to_parse())
    EXPECT_TRUE(deflated(text, way) == made) << text.size() << " bytes";
}

std::string noise(size_t size, uint64_t seed, std::string_view alphabet = {}) {
  std::mt19937_64 random(seed);
  std::string text(size, '\0');
  for (char& c : text)
    c = alphabet.empty() ? static_cast<char>(random()) : alphabet[random() % alphabet.size()];
  return text;
}

std::string log_lines(size_t size, uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  std::string text;
  for (uint64_t i = 0; text.size() < size; ++i) {
    text += R"({"timestamp":)" + std::to_string(1'795'308'058'750 + 3 * i) + R"(,"id":"40036707571)";
    text +=
        noise(45, random(), "0123456789") + R"(","owner":"123456789012","logGroup":"/app/web","message":")";
    text +=
        random() % 3 == 0 ? "GET /api/v1/cart/items " : "INFO [worker] orders.checkout - token refreshed ";
    text += std::to_string(random() % 1000) + " request=" + noise(16, random(), "0123456789abcdef") + "\"}\n";
  }
  text.resize(size);
  return text;
}

TEST(FastDeflate, EverySizeComesBack) {
  const std::string lines = log_lines(1200), bytes = noise(300, 1);
  for (size_t size = 0; size <= lines.size(); ++size) expect_back(lines.substr(0, size));
  for (size_t size = 0; size <= bytes.size(); ++size) expect_back(bytes.substr(0, size));
  expect_back(std::string_view());
  for (const size_t size : {32'767u, 32'768u, 32'769u, 33'100u, 49'152u, 49'153u, 524'288u})
    expect_back(log_lines(size));
}

TEST(FastDeflate, EveryLengthAndDistanceOfAMatchComesBack) {
  const std::string once = noise(600, 2);
  for (size_t length = 1; length <= 600; ++length) expect_back(once + "-" + once.substr(0, length) + "=");
  for (const size_t distance : {1u, 2u, 3u, 4u, 5u, 63u, 64u, 65u, 257u, 258u, 259u, 4096u}) {
    std::string text = noise(distance, distance);
    while (text.size() < 3000 + distance) text += text.substr(text.size() - distance);
    expect_back(text);
  }
}

TEST(FastDeflate, AMatchGoesBack32768BytesAndNotOneMore) {
  const std::string once = "only seen here";
  const auto again_after = [&](size_t distance) {
    return "-" + once + std::string(distance - once.size(), 'a') + once;
  };
  for (size_t distance = 32'760; distance <= 32'776; ++distance) expect_back(again_after(distance));
  EXPECT_LT(deflated(again_after(32'768)).size() + 5, deflated(again_after(32'769)).size());
}

TEST(FastDeflate, WhatChangesItsKindIsWrittenWithCodesOfItsOwn) {
  const std::string lines = log_lines(100'000), bytes = noise(100'000, 3);
  const std::string both = lines + bytes + lines;
  expect_back(both);
  EXPECT_LT(deflated(both).size(), 1.12 * static_cast<double>(2 * deflated(lines).size() + bytes.size()));
}

TEST(FastDeflate, IsNeverMuchLarger) {
  for (const size_t size : {1u, 100u, 10'000u, 32'768u, 40'000u, 600'000u})
    EXPECT_LT(deflated(noise(size, size)).size(), size + size / 40 + 16) << size;
  expect_back(noise(600'000, 4));
  // Each sample is followed by what it says least of.
  std::string text;
  for (uint64_t i = 0; i < 12; ++i) text += std::string(33'000, 'a') + noise(16'000, i);
  expect_back(text);
  EXPECT_LT(deflated(text).size(), text.size());
}

TEST(FastDeflate, WhatLiesBehindTheTextDoesNotMatter) {
  const std::string lines = log_lines(5000);
  for (size_t size = 4500; size < 4700; ++size) {
    Buffer alone, within;
    const Buffer padded(std::string_view(lines).substr(0, size)), longer(lines);
    FastDeflate().run(padded.view(), alone);
    FastDeflate().run(longer.view().substr(0, size), within);
    ASSERT_EQ(alone.view(), within.view()) << size;
  }
}

TEST(FastDeflate, ItsScratchRemembersNothing) {
  FastDeflate deflate;
  const std::string lines = log_lines(60'000);
  for (const std::string& text : {lines, noise(50'000, 5), lines.substr(100), std::string(), lines}) {
    Buffer out("before");
    deflate.run(Buffer(text).view(), out);
    EXPECT_TRUE(out.view() == "before" + deflated(text));
  }
}

TEST(FastDeflate, LinesBecomeAboutAsSmallAsAtAGeneralFastLevel) {
  const std::string lines = log_lines(500'000);
  libdeflate_compressor* const general = libdeflate_alloc_compressor(1);
  std::string out(lines.size(), '\0');
  const size_t theirs =
      libdeflate_deflate_compress(general, lines.data(), lines.size(), out.data(), out.size());
  libdeflate_free_compressor(general);
  EXPECT_LT(static_cast<double>(deflated(lines).size()), 1.1 * static_cast<double>(theirs));
}

}  // namespace
}  // namespace cistern

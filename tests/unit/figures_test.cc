#include "server/status/figures.h"

#include <gtest/gtest.h>

namespace cistern::figures {
namespace {

TEST(Figures, Bytes) {
  EXPECT_EQ(bytes(0), "0 B");
  EXPECT_EQ(bytes(999), "999 B");
  EXPECT_EQ(bytes(1000), "0.98 KiB");
  EXPECT_EQ(bytes(1536), "1.50 KiB");
  EXPECT_EQ(bytes(12.34 * 1048576), "12.3 MiB");
  EXPECT_EQ(bytes(123.4 * 1048576), "123 MiB");
  EXPECT_EQ(bytes(64ull << 50), "64.0 PiB");
  EXPECT_EQ(brief(0), "0");
  EXPECT_EQ(brief(204 * 1024), "204K");
}

TEST(Figures, CountsAndRates) {
  EXPECT_EQ(count(0), "0");
  EXPECT_EQ(count(999), "999");
  EXPECT_EQ(count(1234567), "1,234,567");
  EXPECT_EQ(rate(0), "0");
  EXPECT_EQ(rate(0.254), "0.25");
  EXPECT_EQ(rate(9.996), "10.0");
  EXPECT_EQ(rate(16058.9), "16,059");
  EXPECT_EQ(share(0.004), "0.40 %");
  EXPECT_EQ(share(1), "100 %");
}

TEST(Figures, Times) {
  EXPECT_EQ(span(0.04), "0.0 s");
  EXPECT_EQ(span(4.25), "4.3 s");
  EXPECT_EQ(span(59.9), "59 s");
  EXPECT_EQ(span(60), "1 m");
  EXPECT_EQ(span(185), "3 m 5 s");
  EXPECT_EQ(span(7620), "2 h 7 m");
  EXPECT_EQ(span(273600), "3 d 4 h");
  EXPECT_EQ(brief_span(7620), "2h");
  EXPECT_EQ(latency(0.0008), "0.80 ms");
  EXPECT_EQ(latency(0.9996), "1.00 s");
}

TEST(Figures, WhatCannotBeIsShownAllTheSame) {
  EXPECT_EQ(span(-5), "0.0 s");
  EXPECT_EQ(count(-1), "0");
  EXPECT_EQ(count(1e300), "9,000,000,000,000,000");
}

}  // namespace
}  // namespace cistern::figures

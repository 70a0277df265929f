#include <gtest/gtest.h>

#include "server/config/values.h"

namespace cistern {
namespace {

TEST(ConfigValues, SizesAreReadExactly) {
  EXPECT_EQ(parse_size("0"), 0u);
  EXPECT_EQ(parse_size("1234"), 1234u);
  EXPECT_EQ(parse_size("12B"), 12u);
  EXPECT_EQ(parse_size("512MiB"), 536'870'912u);
  EXPECT_EQ(parse_size("10GiB"), 10'737'418'240u);
  EXPECT_EQ(parse_size("3kB"), 3'000u);
  EXPECT_EQ(parse_size("2TB"), 2'000'000'000'000u);
  for (const char* wrong : {"", "MiB", "-1", "+1", "1.5GiB", "1 MiB", "1M", "1mib", "1MiBs", "0x10",
                            "99999999999TiB", "18446744073709551616"})
    EXPECT_FALSE(parse_size(wrong)) << wrong;
}

TEST(ConfigValues, DurationsAreReadExactly) {
  EXPECT_EQ(parse_duration_ms("0"), 0);
  EXPECT_EQ(parse_duration_ms("100ms"), 100);
  EXPECT_EQ(parse_duration_ms("30s"), 30'000);
  EXPECT_EQ(parse_duration_ms("5m"), 300'000);
  EXPECT_EQ(parse_duration_ms("1h30m"), 5'400'000);
  EXPECT_EQ(parse_duration_ms("1d2h3m4s5ms"), 93'784'005);
  for (const char* wrong :
       {"", "5", "m", "5 m", "5min", "30m1h", "1m1m", "1h30", "-5m", "1.5h", "99999999999999999d"})
    EXPECT_FALSE(parse_duration_ms(wrong)) << wrong;
}

TEST(ConfigValues, EndpointsAreAddressesWithPorts) {
  EXPECT_EQ(parse_endpoint("0.0.0.0:8443"), (Endpoint{"0.0.0.0", 8443}));
  EXPECT_EQ(parse_endpoint("[::1]:0"), (Endpoint{"::1", 0}));
  for (const char* wrong : {"", ":", "8443", ":8443", "0.0.0.0", "0.0.0.0:", "0.0.0.0:65536", "0.0.0.0:8443 ",
                            "::1:80", "[1.2.3.4]:80", "localhost:80", "1.2.3:80", "[]:80"})
    EXPECT_FALSE(parse_endpoint(wrong)) << wrong;
}

TEST(ConfigValues, WhatIsPrintedReadsBack) {
  for (uint64_t bytes : {0ull, 1ull, 1023ull, 1024ull, 1025ull, 5ull << 20, (5ull << 20) + 1, 7ull << 40})
    EXPECT_EQ(parse_size(print_size(bytes)), bytes);
  for (int64_t ms : {0ll, 1ll, 999ll, 1000ll, 1001ll, 90'000ll, 170'000ll, 86'400'000ll})
    EXPECT_EQ(parse_duration_ms(print_duration_ms(ms)), ms);
  EXPECT_EQ(print_size(64 * MiB), "64MiB");
  EXPECT_EQ(print_duration_ms(5 * kMinute), "5m");
  EXPECT_EQ(print_duration_ms(90 * kSecond), "90s");
  EXPECT_EQ(print_endpoint({"::1", 80}), "[::1]:80");
  EXPECT_EQ(print_endpoint({"127.0.0.1", 80}), "127.0.0.1:80");
}

TEST(ConfigValues, PrintableIsUtf8WithoutControls) {
  EXPECT_TRUE(is_printable("plain, \xc3\xa4 and \xf0\x9f\x98\x80"));
  for (const char* wrong : {"\n", "\x1b[0m", "\x7f", "\xff", "\xc3", "\x80", "\xc3(", "\xc0\x80"})
    EXPECT_FALSE(is_printable(wrong)) << wrong;
}

}  // namespace
}  // namespace cistern

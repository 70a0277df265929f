#include "pipeline/store/proxy.h"

#include <gtest/gtest.h>

namespace cistern {
namespace {

TEST(Proxy, Forms) {
  const auto plain = parse_proxy("http://proxy.test:3128").value();
  EXPECT_EQ("proxy.test", plain.endpoint.host);
  EXPECT_EQ(3128, plain.endpoint.port);
  EXPECT_FALSE(plain.endpoint.tls);
  EXPECT_EQ("", plain.authorization);
  EXPECT_EQ("proxy.test:3128", parse_proxy("proxy.test:3128/").value().endpoint.authority());
  EXPECT_EQ(80, parse_proxy("http://[::1]").value().endpoint.port);
  EXPECT_EQ("Basic dXNlcjpwQHNz", parse_proxy("http://user:p%40ss@proxy.test").value().authorization);
}

TEST(Proxy, WrongOnesAreToldWithoutTheirPassword) {
  for (const char* text : {"https://proxy.test", "http://", "http://user:hush@",
                           "http://user:hush@p.test/path", "http://user:hush@p.test:0", "socks5://hush"}) {
    auto proxy = parse_proxy(text);
    ASSERT_FALSE(proxy) << text;
    EXPECT_NE(std::string::npos, proxy.error().what.find("store.proxy")) << proxy.error().what;
    EXPECT_EQ(std::string::npos, proxy.error().what.find("hush")) << proxy.error().what;
  }
}

struct ProxyRow {
  const char* no_proxy;
  const char* host;
  bool bypassed;
};

TEST(Proxy, NoProxy) {
  const ProxyRow rows[] = {
      {"", "s3.test", false},
      {"*", "s3.test", true},
      {"s3.test", "s3.test", true},
      {"S3.Test", "logs.s3.tesT", true},
      {".s3.test", "s3.test", true},
      {"*.s3.test", "logs.s3.test", true},
      {"s3.test", "mys3.test", false},
      {"a.test, s3.test b.test", "s3.test", true},
      {"s3.test:443", "s3.test", true},
      {"s3.test:80", "s3.test", false},
      {"10.0.0.0/8", "10.1.2.3", true},
      {"10.0.0.0/8", "11.1.2.3", false},
      {"10.0.0.0/8", "s3.test", false},
      {"10.1.2.3", "10.1.2.3", true},
      {"fd00::/8", "fd12::1", true},
      {"fd00::/8", "fe80::1", false},
      {"::1", "::1", true},
      {"[::1]:443", "::1", true},
      {"[::1]:80", "::1", false},
      {"/8,//,:,.", "s3.test", false},
  };
  for (const ProxyRow& row : rows)
    EXPECT_EQ(row.bypassed, bypasses_proxy(row.no_proxy, {true, row.host, 443}))
        << row.no_proxy << " " << row.host;
}

TEST(Proxy, PlainHttpGoesWithoutOne) {
  EXPECT_TRUE(choose_proxy("proxy.test", "", {true, "s3.test", 443}).value());
  EXPECT_FALSE(choose_proxy("proxy.test", "", {false, "s3.test", 80}).value());
  EXPECT_FALSE(choose_proxy("proxy.test", "s3.test", {true, "s3.test", 443}).value());
  EXPECT_FALSE(choose_proxy("", "", {true, "s3.test", 443}).value());
}

}  // namespace
}  // namespace cistern

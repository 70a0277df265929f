#include "pipeline/store/s3_request.h"

#include <gtest/gtest.h>

#include "pipeline/digest.h"

namespace cistern {
namespace {

constexpr int64_t kNow = 1'369'353'600'000;  // 2013-05-24T00:00:00Z
const Credentials kSigner{"AKID", "secret", ""};

Object sample() {
  Object object;
  object.key = "2026/11/21/a b+c.ndjson.gz";
  object.size = 5;
  object.sha256 = sha256("hello");
  object.bytes = bytes_in_memory("hello");
  object.journal_id = "5f1c9a0b7e42";
  object.sequence = 17;
  object.events = 3;
  object.first_ms = -5;
  object.last_ms = 1'795'251'599'998;
  return object;
}

S3Requests make(S3Options options) {
  if (options.bucket.empty()) options.bucket = "logs";
  auto requests = S3Requests::make(std::move(options));
  EXPECT_TRUE(requests) << requests.error().what;
  return std::move(requests).value();
}

TEST(S3Request, PutSaysAllThatRecognisesTheObject) {
  const auto request = make({.bucket = "logs", .prefix = "app/"}).put(sample(), kSigner, kNow).value();
  EXPECT_EQ("PUT", request.method);
  EXPECT_EQ("/app/2026/11/21/a%20b%2Bc.ndjson.gz", request.target);
  EXPECT_EQ(5u, request.body_size);
  const std::string digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
  const HttpHeaders expected{
      {"Content-Type", "application/x-ndjson"},
      {"If-None-Match", "*"},
      {"x-amz-meta-cistern-journal", "5f1c9a0b7e42"},
      {"x-amz-meta-cistern-sequence", "17"},
      {"x-amz-meta-cistern-events", "3"},
      {"x-amz-meta-cistern-first", "-5"},
      {"x-amz-meta-cistern-last", "1795251599998"},
      {"Host", "logs.s3.us-east-1.amazonaws.com"},
      {"x-amz-content-sha256", digest},
      {"x-amz-date", "20130524T000000Z"},
  };
  ASSERT_EQ(expected.size() + 1, request.headers.size());
  EXPECT_TRUE(std::equal(expected.begin(), expected.end(), request.headers.begin()));
  const SigV4Request to_sign{"PUT", request.target, {}, expected, digest};
  EXPECT_EQ(sign_v4(to_sign, {"us-east-1", "s3", "20130524T000000Z"}, kSigner).authorization,
            find_header(request.headers, "Authorization"));
}

TEST(S3Request, ASessionTokenIsSentAndSigned) {
  const auto request = make({.bucket = "logs"}).head("k", {"AKID", "secret", "token"}, kNow);
  EXPECT_EQ("token", find_header(request.headers, "x-amz-security-token"));
  EXPECT_NE(std::string::npos,
            find_header(request.headers, "authorization").find("x-amz-date;x-amz-security-token,"));
}

struct Address {
  S3Options options;
  const char* host;
  const char* target;
  bool tls;
  uint16_t port;
};

TEST(S3Request, Addresses) {
  const Address rows[] = {
      {{.bucket = "logs", .region = "eu-west-1"}, "logs.s3.eu-west-1.amazonaws.com", "/k", true, 443},
      {{.bucket = "logs", .region = "cn-north-1"}, "logs.s3.cn-north-1.amazonaws.com.cn", "/k", true, 443},
      {{.bucket = "logs", .path_style = true}, "s3.us-east-1.amazonaws.com", "/logs/k", true, 443},
      {{.bucket = "my.logs"}, "s3.us-east-1.amazonaws.com", "/my.logs/k", true, 443},
      {{.bucket = "my.logs", .endpoint = "http://s3.test"}, "my.logs.s3.test", "/k", false, 80},
      {{.bucket = "logs", .endpoint = "http://127.0.0.1:7480"}, "127.0.0.1:7480", "/logs/k", false, 7480},
      {{.bucket = "logs", .endpoint = "https://[::1]:7480/"}, "[::1]:7480", "/logs/k", true, 7480},
      {{.bucket = "logs", .endpoint = "https://s3.test:443"}, "logs.s3.test", "/k", true, 443},
  };
  for (const Address& row : rows) {
    const S3Requests requests = make(row.options);
    const HttpRequest request = requests.get("k", kSigner, kNow);
    EXPECT_EQ(row.host, find_header(request.headers, "Host"));
    EXPECT_EQ(row.target, request.target);
    EXPECT_EQ(row.tls, requests.endpoint().tls);
    EXPECT_EQ(row.port, requests.endpoint().port);
  }
}

TEST(S3Request, SettingsThatCannotWorkAreNamed) {
  const std::pair<S3Options, const char*> rows[] = {
      {{.bucket = ""}, "store.bucket"},
      {{.bucket = "a/b/c"}, "store.bucket"},
      {{.bucket = "logs", .region = ""}, "store.region"},
      {{.bucket = "logs", .region = "eu west"}, "store.region"},
      {{.bucket = "logs", .endpoint = "s3.test"}, "store.endpoint"},
      {{.bucket = "logs", .endpoint = "https://"}, "store.endpoint"},
      {{.bucket = "logs", .endpoint = "https://s3.test/path"}, "store.endpoint"},
      {{.bucket = "logs", .endpoint = "https://s3.test:0"}, "store.endpoint"},
      {{.bucket = "logs", .endpoint = "https://s3.test:70000"}, "store.endpoint"},
      {{.bucket = "logs", .endpoint = "https://user@s3.test"}, "store.endpoint"},
  };
  for (const auto& [options, setting] : rows) {
    auto requests = S3Requests::make(options);
    ASSERT_FALSE(requests) << setting << " " << options.endpoint;
    EXPECT_EQ(ErrorKind::invalid, requests.error().kind);
    EXPECT_NE(std::string::npos, requests.error().what.find(setting)) << requests.error().what;
  }
}

TEST(S3Request, KeysOfMoreThan1024BytesAreRefused) {
  Object object = sample();
  object.key = std::string(1020, 'k');
  EXPECT_TRUE(make({.bucket = "logs", .prefix = "abc/"}).put(object, kSigner, kNow));
  auto refused = make({.bucket = "logs", .prefix = "abcd/"}).put(object, kSigner, kNow);
  ASSERT_FALSE(refused);
  EXPECT_EQ(ErrorKind::fatal, refused.error().kind);
}

}  // namespace
}  // namespace cistern

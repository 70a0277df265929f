#include "pipeline/store/s3_request.h"

#include <gtest/gtest.h>

#include "pipeline/digest.h"

namespace cistern {
namespace {

constexpr int64_t kSignedMs = 1'369'353'600'000;  // 2013-05-24T00:00:00Z
const Credentials kSigner{"AKID", "secret", ""};

Object sample() {
  Object object;
  object.key = "2026/11/21/a b+c.ndjson.gz";
  object.size = 5;
  object.digest = sha256("hello");
  object.checksums = {crc32c("hello"), crc64nvme("hello"), {}};
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
  const auto request = make({.bucket = "logs", .prefix = "app/"}).put(sample(), kSigner, kSignedMs).value();
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
      {"x-amz-meta-cistern-sha256", digest},
      {"x-amz-checksum-crc32c", "mnG7TA=="},
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
  const auto request = make({.bucket = "logs"}).head("k", {"AKID", "secret", "token"}, kSignedMs);
  EXPECT_EQ("token", find_header(request.headers, "x-amz-security-token"));
  EXPECT_NE(std::string::npos,
            find_header(request.headers, "authorization").find("x-amz-date;x-amz-security-token,"));
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
      {{.bucket = "logs", .object = {.tags = {"x"}}}, "store.tags"},
  };
  for (const auto& [options, setting] : rows) {
    auto requests = S3Requests::make(options);
    ASSERT_FALSE(requests) << setting << " " << options.endpoint;
    EXPECT_EQ(ErrorKind::invalid, requests.error().kind);
    EXPECT_NE(std::string::npos, requests.error().what.find(setting)) << requests.error().what;
  }
}

TEST(S3Request, ALockedObjectHasItsMd5) {
  Object object = sample();
  ChecksumStream stream({.md5 = true});
  stream.update("hello");
  object.checksums.md5 = stream.finish().md5;
  for (const bool hold : {false, true}) {
    S3Options options{.bucket = "logs"};
    options.object.lock_legal_hold = hold;
    const S3Requests requests = make(options);
    EXPECT_EQ(hold, requests.checksums_wanted().md5);
    EXPECT_EQ(hold ? "XUFAKrxLKna5cZ2REBfFkg==" : "",
              find_header(requests.put(object, kSigner, kSignedMs).value().headers, "Content-MD5"));
  }
}

TEST(S3Request, TheChecksumIsTheOneThatWasChosen) {
  S3Options options{.bucket = "logs"};
  options.object.checksum = "crc64nvme";
  const auto request = make(options).put(sample(), kSigner, kSignedMs).value();
  EXPECT_EQ("M3eFcAZSQlc=", find_header(request.headers, "x-amz-checksum-crc64nvme"));
  EXPECT_EQ("", find_header(request.headers, "x-amz-checksum-crc32c"));
  options.object.checksum = "";
  EXPECT_EQ("", checksum_header(make(options).options().object));
  EXPECT_FALSE(make(options).checksums_wanted().crc32c);
}

TEST(S3Request, EveryRequestSaysWhoseBucketAndWhoPays) {
  S3Options options{.bucket = "logs"};
  options.object.expected_bucket_owner = "123456789012";
  options.object.requester_pays = true;
  const S3Requests requests = make(options);
  for (const HttpRequest& request :
       {requests.put(sample(), kSigner, kSignedMs).value(), requests.head("k", kSigner, kSignedMs),
        requests.get("k", kSigner, kSignedMs),
        requests.probe_put("k", S3Requests::Probe::empty, kSigner, kSignedMs)}) {
    EXPECT_EQ("123456789012", find_header(request.headers, "x-amz-expected-bucket-owner"));
    EXPECT_EQ("requester", find_header(request.headers, "x-amz-request-payer"));
    for (const char* name : {";x-amz-expected-bucket-owner;", ";x-amz-request-payer,"})
      EXPECT_NE(std::string::npos, find_header(request.headers, "Authorization").find(name)) << name;
  }
}

// What cannot be removed must not be tried.
TEST(S3Request, AProbeIsNeverLocked) {
  S3Options options{.bucket = "logs"};
  options.object.lock_mode = "COMPLIANCE";
  options.object.lock_retain_ms = 1000;
  options.object.lock_legal_hold = true;
  options.object.tags = {"a=b"};
  const auto probe = make(options).probe_put("k", S3Requests::Probe::empty, kSigner, kSignedMs);
  EXPECT_EQ("a=b", find_header(probe.headers, "x-amz-tagging"));
  for (const auto& [name, value] : probe.headers) EXPECT_EQ(std::string::npos, name.find("lock")) << name;
}

TEST(S3Request, TheStoredChecksumIsAskedForOnDemand) {
  const S3Requests requests = make({.bucket = "logs"});
  EXPECT_EQ("ENABLED",
            find_header(requests.head("k", kSigner, kSignedMs, true).headers, "x-amz-checksum-mode"));
  EXPECT_EQ("", find_header(requests.head("k", kSigner, kSignedMs).headers, "x-amz-checksum-mode"));
}

TEST(S3Request, KeysOfMoreThan1024BytesAreRefused) {
  Object object = sample();
  object.key = std::string(1020, 'k');
  EXPECT_TRUE(make({.bucket = "logs", .prefix = "abc/"}).put(object, kSigner, kSignedMs));
  auto refused = make({.bucket = "logs", .prefix = "abcd/"}).put(object, kSigner, kSignedMs);
  ASSERT_FALSE(refused);
  EXPECT_EQ(ErrorKind::fatal, refused.error().kind);
}

}  // namespace
}  // namespace cistern

#include "pipeline/store/sigv4.h"

#include <gtest/gtest.h>

#include "pipeline/digest.h"

namespace cistern {
namespace {

// AWS's published examples, "Signature Calculations for the Authorization Header: Transferring Payload in a
// Single Chunk": bucket examplebucket, 24 May 2013, us-east-1.
const Credentials kExample{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};
const SigV4Scope kScope{"us-east-1", "s3", "20130524T000000Z"};
const std::string kHost = "examplebucket.s3.amazonaws.com";
const std::string kNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

std::string to_sign(const std::string& canonical_sha256) {
  return "AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n" + canonical_sha256;
}

TEST(SigV4, GetObject) {
  const SigV4Request request{"GET",
                             "/test.txt",
                             {},
                             {{"Host", kHost},
                              {"Range", "bytes=0-9"},
                              {"x-amz-content-sha256", kNothing},
                              {"x-amz-date", "20130524T000000Z"}},
                             kNothing};
  const SigV4Signature signed_request = sign_v4(request, kScope, kExample);
  EXPECT_EQ("GET\n/test.txt\n\nhost:" + kHost + "\nrange:bytes=0-9\nx-amz-content-sha256:" + kNothing +
                "\nx-amz-date:20130524T000000Z\n\nhost;range;x-amz-content-sha256;x-amz-date\n" + kNothing,
            signed_request.canonical_request);
  EXPECT_EQ(to_sign("7344ae5b7ee6c3e7e6b0fe0640412a37625d1fbfff95c48bbb2dc43964946972"),
            signed_request.string_to_sign);
  EXPECT_EQ("f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41", signed_request.signature);
  EXPECT_EQ(
      "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
      "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
      "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
      signed_request.authorization);
}

TEST(SigV4, PutObject) {
  const std::string payload = hex(sha256("Welcome to Amazon S3."));
  const SigV4Request request{"PUT",
                             "/" + uri_encode("test$file.text", true),
                             {},
                             {{"Date", "Fri, 24 May 2013 00:00:00 GMT"},
                              {"Host", kHost},
                              {"x-amz-content-sha256", payload},
                              {"x-amz-date", "20130524T000000Z"},
                              {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
                             payload};
  const SigV4Signature signed_request = sign_v4(request, kScope, kExample);
  EXPECT_EQ("PUT\n/test%24file.text\n\ndate:Fri, 24 May 2013 00:00:00 GMT\nhost:" + kHost +
                "\nx-amz-content-sha256:44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
                "\nx-amz-date:20130524T000000Z\nx-amz-storage-class:REDUCED_REDUNDANCY\n"
                "\ndate;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class"
                "\n44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
            signed_request.canonical_request);
  EXPECT_EQ(to_sign("9e0e90d9c76de8fa5b200d8c849cd5b8dc7a3be3951ddb7f6a76b4158342019d"),
            signed_request.string_to_sign);
  EXPECT_EQ("98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd", signed_request.signature);
}

SigV4Signature sign_get(std::vector<std::pair<std::string, std::string>> query) {
  return sign_v4({"GET",
                  "/",
                  std::move(query),
                  {{"Host", kHost}, {"x-amz-content-sha256", kNothing}, {"x-amz-date", "20130524T000000Z"}},
                  kNothing},
                 kScope, kExample);
}

TEST(SigV4, GetBucketLifecycle) {
  const SigV4Signature signed_request = sign_get({{"lifecycle", ""}});
  EXPECT_EQ(to_sign("9766c798316ff2757b517bc739a67f6213b4ab36dd5da2f94eaebf79c77395ca"),
            signed_request.string_to_sign);
  EXPECT_EQ("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543", signed_request.signature);
}

TEST(SigV4, ListObjects) {
  const SigV4Signature signed_request = sign_get({{"prefix", "J"}, {"max-keys", "2"}});
  EXPECT_EQ(to_sign("df57d21db20da04d7fa30298dd4488ba3a2b47ca3a489c74750e0f1e7df1b9b7"),
            signed_request.string_to_sign);
  EXPECT_EQ("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7", signed_request.signature);
}

// AWS's worked example of Signature Version 4 ("Create a signed AWS API request": IAM's ListUsers) and three
// of its test suite (aws-sig-v4-test-suite: get-vanilla, get-vanilla-query-order-key-case, post-vanilla).
const std::string kSuiteDate = "20150830T123600Z";
const Credentials kSuite{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};

TEST(SigV4, ListUsers) {
  const SigV4Request request{"GET",
                             "/",
                             {{"Action", "ListUsers"}, {"Version", "2010-05-08"}},
                             {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
                              {"Host", "iam.amazonaws.com"},
                              {"X-Amz-Date", kSuiteDate}},
                             kNothing};
  const SigV4Signature signed_request = sign_v4(request, {"us-east-1", "iam", kSuiteDate}, kSuite);
  EXPECT_EQ("f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59",
            hex(sha256(signed_request.canonical_request)));
  EXPECT_EQ("5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7", signed_request.signature);
}

TEST(SigV4, TheTestSuite) {
  const auto signature = [](const char* method, std::vector<std::pair<std::string, std::string>> query) {
    const SigV4Request request{method,
                               "/",
                               std::move(query),
                               {{"Host", "example.amazonaws.com"}, {"X-Amz-Date", kSuiteDate}},
                               kNothing};
    return sign_v4(request, {"us-east-1", "service", kSuiteDate}, kSuite).signature;
  };
  EXPECT_EQ("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31", signature("GET", {}));
  EXPECT_EQ("b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            signature("GET", {{"Param2", "value2"}, {"Param1", "value1"}}));
  EXPECT_EQ("5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b", signature("POST", {}));
}

TEST(SigV4, PathsAreEncodedOnceAndNotNormalised) {
  EXPECT_EQ("a//b/../c%20d%2Be%25~", uri_encode("a//b/../c d+e%~", true));
  EXPECT_EQ("%2F%C3%A9%00", uri_encode(std::string_view("/\xc3\xa9\0", 4), false));
}

TEST(SigV4, HeadersAreLoweredSortedAndCollapsed) {
  const SigV4Request request{
      "GET", "/", {}, {{"X-B", "  two \t words  "}, {"x-a", "1"}, {"X-b", "again"}}, kNothing};
  EXPECT_EQ("GET\n/\n\nx-a:1\nx-b:two words,again\n\nx-a;x-b\n" + kNothing,
            sign_v4(request, kScope, kExample).canonical_request);
}

TEST(SigV4, Dates) {
  EXPECT_EQ("20130524T000000Z", amz_date(1'369'353'600'000));
  EXPECT_EQ("20240229T235959Z", amz_date(1'709'251'199'999));
  EXPECT_EQ("19691231T235959Z", amz_date(-1));
  EXPECT_EQ("99991231T235959Z", amz_date(INT64_MAX));
}

}  // namespace
}  // namespace cistern

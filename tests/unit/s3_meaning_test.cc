#include "pipeline/store/s3_meaning.h"

#include <gtest/gtest.h>

namespace cistern {
namespace {

HttpResponse response(unsigned status, const std::string& code, const std::string& more = "") {
  HttpResponse out;
  out.status = status;
  if (!code.empty()) {
    out.body =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>" + code + "</Code>" + more + "</Error>";
  }
  return out;
}

struct MeaningRow {
  unsigned status;
  const char* code;
  S3Action action;
  S3Meaning meaning;
};

TEST(S3Meaning, WhatEachAnswerMeans) {
  using A = S3Action;
  using M = S3Meaning;
  const MeaningRow rows[] = {
      {200, "", A::put, M::done},
      {204, "", A::put, M::done},
      {200, "InternalError", A::put, M::retry},
      {200, "SlowDown", A::put, M::busy},
      {200, "SomethingNew", A::put, M::retry},
      {412, "PreconditionFailed", A::put, M::exists},
      {412, "", A::put, M::exists},
      {409, "ConditionalRequestConflict", A::put, M::retry},
      {409, "OperationAborted", A::put, M::retry},
      {409, "", A::put, M::retry},
      {500, "InternalError", A::put, M::retry},
      {500, "", A::put, M::retry},
      {502, "", A::put, M::retry},
      {503, "SlowDown", A::put, M::busy},
      {503, "ServiceUnavailable", A::put, M::busy},
      {503, "", A::put, M::busy},
      {504, "", A::put, M::retry},
      {509, "BandwidthLimitExceeded", A::put, M::busy},
      {509, "", A::put, M::busy},
      {429, "", A::put, M::busy},
      {429, "TooManyRequestsException", A::put, M::busy},
      {400, "RequestLimitExceeded", A::put, M::busy},
      {400, "KMS.ThrottlingException", A::put, M::busy},
      {408, "", A::put, M::retry},
      {400, "RequestTimeout", A::put, M::retry},
      {400, "BadDigest", A::put, M::retry},
      {400, "XAmzContentSHA256Mismatch", A::put, M::retry},
      {400, "XAmzContentChecksumMismatch", A::put, M::retry},
      {400, "IncompleteBody", A::put, M::retry},
      {307, "TemporaryRedirect", A::put, M::retry},
      {301, "PermanentRedirect", A::put, M::wrong_region},
      {301, "", A::head, M::wrong_region},
      {400, "AuthorizationHeaderMalformed", A::put, M::wrong_region},
      {400, "IllegalLocationConstraintException", A::put, M::wrong_region},
      {403, "RequestTimeTooSkewed", A::put, M::wrong_clock},
      {400, "EntityTooLarge", A::put, M::this_object},
      {413, "", A::put, M::this_object},
      {400, "KeyTooLongError", A::put, M::this_object},
      {400, "MetadataTooLarge", A::put, M::this_object},
      {403, "InvalidObjectState", A::get, M::this_object},
      {400, "ExpiredToken", A::put, M::retry},
      {400, "InvalidToken", A::put, M::needs_person},
      {400, "InvalidRequest", A::put, M::needs_person},
      {400, "InvalidArgument", A::put, M::needs_person},
      {400, "InvalidStorageClass", A::put, M::needs_person},
      {400, "AccessControlListNotSupported", A::put, M::needs_person},
      {400, "KMS.NotFoundException", A::put, M::needs_person},
      {400, "KMS.DisabledException", A::put, M::needs_person},
      {400, "", A::put, M::needs_person},
      {403, "AccessDenied", A::put, M::needs_person},
      {403, "InvalidAccessKeyId", A::put, M::needs_person},
      {403, "SignatureDoesNotMatch", A::put, M::needs_person},
      {403, "QuotaExceeded", A::put, M::needs_person},
      {403, "", A::head, M::needs_person},
      {404, "NoSuchBucket", A::put, M::needs_person},
      {404, "NoSuchBucket", A::get, M::needs_person},
      {404, "", A::put, M::needs_person},
      {404, "", A::head, M::absent},
      {404, "NoSuchKey", A::get, M::absent},
      {407, "", A::put, M::needs_person},
      {501, "NotImplemented", A::put, M::needs_person},
      {507, "", A::put, M::needs_person},
  };
  for (const MeaningRow& row : rows) {
    EXPECT_EQ(row.meaning, meaning_of(read_s3_answer(response(row.status, row.code)), row.action))
        << row.status << " " << row.code;
  }
}

std::string told(const HttpResponse& response, S3Action action = S3Action::put) {
  return s3_error(read_s3_answer(response), {action, "logs", "2026/a.gz", "us-east-1"}).what;
}

TEST(S3Meaning, ErrorsSayWhereWhatAndWhatToDo) {
  EXPECT_EQ(
      "S3 put of s3://logs/2026/a.gz (region us-east-1) was answered 403 AccessDenied \"Access <Denied>\", "
      "request id 4442587FB7D0A2F9, host id abc=: allow s3:PutObject to these credentials, in their policy "
      "and in "
      "the bucket's (`cistern check --iam` prints the least policy); if the bucket encrypts with a KMS key, "
      "kms:GenerateDataKey and kms:Decrypt as well",
      told(response(403, "AccessDenied",
                    "<Message>Access &lt;Denied&gt;</Message><RequestId>4442587FB7D0A2F9</RequestId>"
                    "<HostId>abc=</HostId>")));
  EXPECT_NE(std::string::npos, told(response(403, ""), S3Action::head).find("allow s3:GetObject to"));
  EXPECT_NE(std::string::npos,
            told(response(404, "NoSuchBucket")).find("make the bucket logs, or correct store.bucket"));
}

TEST(S3Meaning, TheRightRegionIsNamed) {
  const std::string malformed =
      told(response(400, "AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>"));
  EXPECT_NE(std::string::npos, malformed.find("set store.region to the bucket's region (eu-west-1)"))
      << malformed;
  HttpResponse redirect = response(301, "");
  redirect.headers = {{"X-Amz-Bucket-Region", "eu-west-2"}, {"x-amz-request-id", "R1"}};
  EXPECT_NE(std::string::npos, told(redirect).find("(eu-west-2)"));
  EXPECT_NE(std::string::npos, told(redirect).find("request id R1"));
}

TEST(S3Meaning, AHeadOfAnotherRegionIsABare400) {
  HttpResponse bare = response(400, "");
  bare.headers = {{"x-amz-bucket-region", "eu-west-2"}};
  EXPECT_EQ(S3Meaning::wrong_region, meaning_of(read_s3_answer(bare), S3Action::head));
}

TEST(S3Meaning, WhatIsNoRegionsNameIsNone) {
  for (const char* odd : {"eu-west-1.evil.test", "EU", "a/b", "eu west"}) {
    HttpResponse redirect = response(301, "");
    redirect.headers = {{"x-amz-bucket-region", odd}};
    EXPECT_EQ("", read_s3_answer(redirect).region) << odd;
  }
}

TEST(S3Meaning, APutsOwnPermissionsAreNamed) {
  const S3Place place{S3Action::put, "logs", "a", "us-east-1", "s3:PutObject, s3:PutObjectTagging"};
  const std::string text = s3_error(read_s3_answer(response(403, "AccessDenied")), place).what;
  EXPECT_NE(std::string::npos, text.find("allow s3:PutObject, s3:PutObjectTagging to")) << text;
}

TEST(S3Meaning, KindsFollowTheMeaning) {
  const S3Place place{S3Action::put, "logs", "a", "us-east-1"};
  EXPECT_EQ(ErrorKind::busy, s3_error(read_s3_answer(response(503, "SlowDown")), place).kind);
  EXPECT_EQ(ErrorKind::retry, s3_error(read_s3_answer(response(500, "InternalError")), place).kind);
  EXPECT_EQ(ErrorKind::fatal, s3_error(read_s3_answer(response(301, "")), place).kind);
  EXPECT_EQ(ErrorKind::fatal, s3_error(read_s3_answer(response(400, "EntityTooLarge")), place).kind);
  EXPECT_EQ(ErrorKind::fatal, s3_error(read_s3_answer(response(403, "AccessDenied")), place).kind);
}

TEST(S3Meaning, WhatIsNoErrorDocumentIsLeftAlone) {
  for (const char* body :
       {"", "   ", "<html><Code>X</Code></html>", "<Error", "<?xml", "<?xml?>", "<Errors><Code>X</Code>",
        "plain text <Error><Code>X</Code></Error>", "<Error><Code>X", "<Error><Code><b>X</b></Code>"}) {
    HttpResponse odd;
    odd.status = 500;
    odd.body = body;
    EXPECT_EQ("", read_s3_answer(odd).code) << body;
  }
}

TEST(S3Meaning, TextsAreBoundedAndPrintable) {
  const std::string text =
      told(response(400, "Odd\x01\xff", "<Message>" + std::string(100'000, 'm') + "</Message>"));
  EXPECT_LT(text.size(), 1000u);
  EXPECT_NE(std::string::npos, text.find("Odd??"));
  for (char c : text) EXPECT_TRUE(c >= ' ' && c < 0x7f);
}

}  // namespace
}  // namespace cistern

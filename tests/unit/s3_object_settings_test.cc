#include "pipeline/store/s3_object_settings.h"

#include <gtest/gtest.h>

namespace cistern {
namespace {

constexpr int64_t kStoredMs = 1'369'353'600'000;  // 2013-05-24T00:00:00Z
constexpr int64_t kDay = 86'400'000;

HttpHeaders headers_of(const S3ObjectSettings& settings) {
  EXPECT_TRUE(check_object_settings(settings));
  HttpHeaders headers = object_headers(settings, kStoredMs);
  std::erase_if(headers, [](const auto& header) { return header.first == "Content-Type"; });
  return headers;
}

TEST(S3ObjectSettings, ByDefaultOnlyTheTypeIsSaid) {
  EXPECT_EQ((HttpHeaders{{"Content-Type", "application/x-ndjson"}}), object_headers({}, kStoredMs));
  EXPECT_EQ((HttpHeaders{}), bucket_headers({}));
  EXPECT_EQ((std::vector<std::string>{"s3:PutObject"}), put_permissions({}));
}

TEST(S3ObjectSettings, TypeAndEncoding) {
  EXPECT_EQ(
      (HttpHeaders{{"Content-Type", "text/plain; charset=utf-8"}, {"Content-Encoding", "gzip"}}),
      object_headers({.content_type = "text/plain; charset=utf-8", .content_encoding = "gzip"}, kStoredMs));
}

TEST(S3ObjectSettings, Encryption) {
  EXPECT_EQ((HttpHeaders{{"x-amz-server-side-encryption", "AES256"}}), headers_of({.sse = "AES256"}));
  S3ObjectSettings kms{.sse = "aws:kms", .sse_kms_key_id = "arn:aws:kms:eu-west-1:123456789012:key/1-2"};
  kms.sse_context = {"team=logs", "app=a=b\"c"};
  kms.sse_bucket_key = true;
  EXPECT_EQ((HttpHeaders{
                {"x-amz-server-side-encryption", "aws:kms"},
                {"x-amz-server-side-encryption-aws-kms-key-id", "arn:aws:kms:eu-west-1:123456789012:key/1-2"},
                // {"app":"a=b\"c","team":"logs"}
                {"x-amz-server-side-encryption-context", "eyJhcHAiOiJhPWJcImMiLCJ0ZWFtIjoibG9ncyJ9"},
                {"x-amz-server-side-encryption-bucket-key-enabled", "true"}}),
            headers_of(kms));
  EXPECT_EQ((HttpHeaders{{"x-amz-server-side-encryption", "aws:kms:dsse"},
                         {"x-amz-server-side-encryption-aws-kms-key-id", "alias/logs"}}),
            headers_of({.sse = "aws:kms:dsse", .sse_kms_key_id = "alias/logs"}));
}

TEST(S3ObjectSettings, ClassAndAcl) {
  for (const char* name :
       {"STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR",
        "GLACIER", "DEEP_ARCHIVE", "OUTPOSTS", "SNOW"})
    EXPECT_EQ((HttpHeaders{{"x-amz-storage-class", name}}), headers_of({.storage_class = name}));
  EXPECT_EQ((HttpHeaders{{"x-amz-acl", "bucket-owner-full-control"}}),
            headers_of({.acl = "bucket-owner-full-control"}));
}

TEST(S3ObjectSettings, TagsAreAQuery) {
  EXPECT_EQ((HttpHeaders{{"x-amz-tagging", "team=logs&cost%20center=a%2Fb%3Dc&empty=&%C3%BC=%2B"}}),
            headers_of({.tags = {"team=logs", "cost center=a/b=c", "empty=", "\xc3\xbc=+"}}));
}

TEST(S3ObjectSettings, Metadata) {
  EXPECT_EQ((HttpHeaders{{"x-amz-meta-team", "logs"}, {"x-amz-meta-x.y_z-1", "a=b  c"}}),
            headers_of({.metadata = {"team=logs", "x.y_z-1=a=b  c"}}));
}

TEST(S3ObjectSettings, LocksCountFromThePut) {
  EXPECT_EQ((HttpHeaders{{"x-amz-object-lock-mode", "COMPLIANCE"},
                         {"x-amz-object-lock-retain-until-date", "2013-05-31T00:00:00Z"}}),
            headers_of({.lock_mode = "COMPLIANCE", .lock_retain_ms = 7 * kDay}));
  EXPECT_EQ((HttpHeaders{{"x-amz-object-lock-legal-hold", "ON"}}), headers_of({.lock_legal_hold = true}));
}

TEST(S3ObjectSettings, WhatAPutNeeds) {
  S3ObjectSettings all{.sse = "aws:kms", .tags = {"a=b"}, .lock_mode = "GOVERNANCE", .lock_legal_hold = true};
  all.acl = "bucket-owner-full-control";
  EXPECT_EQ((std::vector<std::string>{"s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectRetention",
                                      "s3:PutObjectLegalHold", "s3:PutObjectAcl", "kms:GenerateDataKey"}),
            put_permissions(all));
}

TEST(S3ObjectSettings, WhatS3WouldRefuseIsToldByItsSetting) {
  const std::vector<std::string> eleven{"a=", "b=", "c=", "d=", "e=", "f=", "g=", "h=", "i=", "j=", "k="};
  const std::pair<S3ObjectSettings, const char*> rows[] = {
      {{.content_type = "text\r\nX: y"}, "store.content_type"},
      {{.content_encoding = " gzip"}, "store.content_encoding"},
      {{.storage_class = "glacier"}, "store.storage_class"},
      {{.sse_kms_key_id = "k"}, "store.sse_kms_key_id"},
      {{.sse = "AES256", .sse_bucket_key = true}, "store.sse_bucket_key"},
      {{.sse = "aws:kms:dsse", .sse_bucket_key = true}, "store.sse_bucket_key"},
      {{.sse = "aws:kms", .sse_kms_key_id = "a b"}, "store.sse_kms_key_id"},
      {{.sse = "aws:kms", .sse_context = {"x"}}, "store.sse_context"},
      {{.tags = {"novalue"}}, "store.tags"},
      {{.tags = {"=x"}}, "store.tags"},
      {{.tags = {"a=1", "a=2"}}, "store.tags"},
      {{.tags = {"aws:x=1"}}, "store.tags"},
      {{.tags = {"a=<"}}, "store.tags"},
      {{.tags = {"a=" + std::string(257, 'v')}}, "store.tags"},
      {{.tags = eleven}, "store.tags"},
      {{.metadata = {"Team=x"}}, "store.metadata"},
      {{.metadata = {"a=\xc3\xbc"}}, "store.metadata"},
      {{.metadata = {"cistern-journal=x"}}, "store.metadata"},
      {{.metadata = {"a=" + std::string(1500, 'v')}}, "store.metadata"},
      {{.lock_mode = "GOVERNANCE"}, "store.lock_retain"},
      {{.lock_retain_ms = 5}, "store.lock_mode"},
      {{.expected_bucket_owner = "12345678901x"}, "store.expected_bucket_owner"},
  };
  for (const auto& [settings, text] : rows) {
    auto checked = check_object_settings(settings);
    ASSERT_FALSE(checked) << text;
    EXPECT_EQ(ErrorKind::invalid, checked.error().kind);
    EXPECT_NE(std::string::npos, checked.error().what.find(text)) << checked.error().what;
  }
}

}  // namespace
}  // namespace cistern

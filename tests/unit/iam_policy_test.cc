#include "server/iam_policy.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace cistern {
namespace {

Config config_of(StoreConfig store) {
  Config config;
  config.store = std::move(store);
  config.store.type = "s3";
  return config;
}

nlohmann::json policy_of(const StoreConfig& store) {
  const auto policy = least_iam_policy(config_of(store));
  EXPECT_TRUE(policy) << policy.error().what;
  return nlohmann::json::parse(policy.value());
}

TEST(IamPolicy, TheSmallest) {
  StoreConfig store;
  store.bucket = "my-archive";
  store.prefix = "logs/";
  EXPECT_EQ(R"({
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "PutAndRecogniseObjects",
      "Effect": "Allow",
      "Action": [
        "s3:PutObject",
        "s3:GetObject"
      ],
      "Resource": "arn:aws:s3:::my-archive/logs/*"
    }
  ]
}
)",
            least_iam_policy(config_of(store)).value());
}

TEST(IamPolicy, WhatTheOptionsNeed) {
  StoreConfig store;
  store.bucket = "my-archive";
  store.region = "us-gov-west-1";
  store.object.tags = {"team=logs"};
  store.object.lock_mode = "COMPLIANCE";
  store.object.lock_retain_ms = 1;
  store.object.lock_legal_hold = true;
  store.object.acl = "bucket-owner-full-control";
  const auto statement = policy_of(store)["Statement"][0];
  EXPECT_EQ(nlohmann::json({"s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectRetention",
                            "s3:PutObjectLegalHold", "s3:PutObjectAcl", "s3:GetObject"}),
            statement["Action"]);
  EXPECT_EQ("arn:aws-us-gov:s3:::my-archive/*", statement["Resource"]);
}

TEST(IamPolicy, TheKeyThroughS3Only) {
  StoreConfig store;
  store.bucket = "my-archive";
  store.region = "eu-west-1";
  store.object.sse = "aws:kms";
  store.object.sse_kms_key_id = "arn:aws:kms:eu-west-1:123456789012:key/1-2";
  store.object.sse_context = {"team=logs"};
  const auto policy = policy_of(store);
  ASSERT_EQ(2u, policy["Statement"].size());
  const auto key = policy["Statement"][1];
  EXPECT_EQ(nlohmann::json({"kms:GenerateDataKey", "kms:Decrypt"}), key["Action"]);
  EXPECT_EQ(store.object.sse_kms_key_id, key["Resource"]);
  EXPECT_EQ(nlohmann::json::parse(R"({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com",
                                      "kms:EncryptionContext:team": "logs"}})"),
            key["Condition"]);
}

TEST(IamPolicy, KeysByIdAndByAlias) {
  StoreConfig store;
  store.bucket = "my-archive";
  store.region = "cn-north-1";
  store.object.sse = "aws:kms:dsse";
  store.object.sse_kms_key_id = "1-2";
  EXPECT_EQ("arn:aws-cn:kms:cn-north-1:*:key/1-2", policy_of(store)["Statement"][1]["Resource"]);
  store.object.sse_kms_key_id = "alias/logs";
  const auto key = policy_of(store)["Statement"][1];
  EXPECT_EQ("arn:aws-cn:kms:cn-north-1:*:key/*", key["Resource"]);
  EXPECT_EQ("alias/logs", key["Condition"]["ForAnyValue:StringEquals"]["kms:ResourceAliases"]);
  EXPECT_EQ("s3.cn-north-1.amazonaws.com.cn", key["Condition"]["StringEquals"]["kms:ViaService"]);
  store.object.sse_kms_key_id = "";
  EXPECT_EQ(1u, policy_of(store)["Statement"].size());
}

TEST(IamPolicy, AnAccessPointsObjects) {
  StoreConfig store;
  store.bucket = "arn:aws:s3:us-west-2:123456789012:accesspoint/point";
  store.prefix = "a*b?c$d/";
  EXPECT_EQ("arn:aws:s3:us-west-2:123456789012:accesspoint/point/object/a${*}b${?}c${$}d/*",
            policy_of(store)["Statement"][0]["Resource"]);
}

TEST(IamPolicy, AFolderHasNone) {
  EXPECT_FALSE(least_iam_policy(Config()));
  EXPECT_FALSE(least_iam_policy(config_of({})));
}

}  // namespace
}  // namespace cistern

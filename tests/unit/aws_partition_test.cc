#include "pipeline/store/aws_partition.h"

#include <gtest/gtest.h>

namespace cistern {
namespace {

TEST(AwsPartition, OfEveryRegionsName) {
  const std::pair<const char*, const char*> rows[] = {
      {"eu-central-1", "aws"},          {"us-east-1", "aws"},
      {"mx-central-1", "aws"},          {"cn-north-1", "aws-cn"},
      {"us-gov-east-1", "aws-us-gov"},  {"us-iso-east-1", "aws-iso"},
      {"us-isob-east-1", "aws-iso-b"},  {"eu-isoe-west-1", "aws-iso-e"},
      {"us-isof-south-1", "aws-iso-f"}, {"eusc-de-east-1", "aws-eusc"},
      {"somewhere-new-7", "aws"},
  };
  for (const auto& [region, name] : rows) EXPECT_EQ(name, aws_partition(region).name) << region;
}

struct PartitionRow {
  const char* region;
  bool fips;
  bool dual_stack;
  const char* host;
};

TEST(AwsPartition, StsOfARegion) {
  const PartitionRow rows[] = {
      {"eu-west-1", false, false, "sts.eu-west-1.amazonaws.com"},
      {"us-east-1", true, false, "sts-fips.us-east-1.amazonaws.com"},
      {"us-east-1", false, true, "sts.us-east-1.api.aws"},
      {"us-east-1", true, true, "sts-fips.us-east-1.api.aws"},
      {"us-gov-west-1", true, false, "sts.us-gov-west-1.amazonaws.com"},
      {"us-gov-west-1", true, true, "sts-fips.us-gov-west-1.api.aws"},
      {"cn-north-1", false, false, "sts.cn-north-1.amazonaws.com.cn"},
      {"cn-north-1", false, true, "sts.cn-north-1.api.amazonwebservices.com.cn"},
      {"us-iso-east-1", true, false, "sts-fips.us-iso-east-1.c2s.ic.gov"},
      {"us-isob-east-1", false, false, "sts.us-isob-east-1.sc2s.sgov.gov"},
      {"eu-isoe-west-1", false, false, "sts.eu-isoe-west-1.cloud.adc-e.uk"},
      {"us-isof-south-1", false, false, "sts.us-isof-south-1.csp.hci.ic.gov"},
      {"eusc-de-east-1", false, true, "sts.eusc-de-east-1.api.amazonwebservices.eu"},
  };
  for (const PartitionRow& row : rows) {
    EXPECT_TRUE(check_endpoint_kinds(row.region, row.fips, row.dual_stack)) << row.host;
    EXPECT_EQ(row.host, sts_host(row.region, row.fips, row.dual_stack));
  }
}

TEST(AwsPartition, WhatAPartitionHasNotIsNamedByItsSetting) {
  const auto refused = [](const char* region, bool fips, bool dual_stack) {
    const auto result = check_endpoint_kinds(region, fips, dual_stack);
    return result ? std::string() : result.error().what;
  };
  EXPECT_EQ("store.fips: cn-north-1 has no FIPS endpoints", refused("cn-north-1", true, true));
  EXPECT_EQ("store.dual_stack: us-iso-east-1 has no dual-stack endpoints",
            refused("us-iso-east-1", true, true));
}

}  // namespace
}  // namespace cistern

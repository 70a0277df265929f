// AWS's partitions: which domain a region's servers lie in, and how its ARNs begin. One table, for all that
// names a server, an ARN or a service of AWS. Pure.
//
// Source: AWS's own rules for endpoints, as they come with its SDKs (partitions.json and the rule sets of S3
// and STS), and general/latest/gr/rande.html. A test compares with botocore's copy.
#pragma once

#include <string>
#include <string_view>

#include "pipeline/result.h"

namespace cistern {

struct AwsPartition {
  std::string_view region_prefix;      // of its regions' names
  std::string_view name;               // in ARNs: "aws", "aws-cn"
  std::string_view domain;             // "amazonaws.com"
  std::string_view dual_stack_domain;  // of IPv4 and IPv6, for services other than S3; empty: not documented
  bool fips;                           // S3 has FIPS 140 endpoints somewhere in it
};

// Of any region's name; one that no other partition's prefix fits is of the standard one.
const AwsPartition& aws_partition(std::string_view region);

// Error `invalid` names the setting of the two that the region's partition has no endpoints for.
Result<> check_endpoint_kinds(const std::string& region, bool fips, bool dual_stack);

// Such as sts.eu-west-1.amazonaws.com; fips and dual_stack as check_endpoint_kinds allows them.
std::string sts_host(const std::string& region, bool fips, bool dual_stack);

}  // namespace cistern

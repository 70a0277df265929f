#include "pipeline/store/aws_partition.h"

#include <algorithm>
#include <array>

namespace cistern {
namespace {

// The first prefix that fits; the last one fits all.
constexpr std::array<AwsPartition, 8> kPartitions{{
    {"cn-", "aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn", false},
    {"us-gov-", "aws-us-gov", "amazonaws.com", "api.aws", true},
    {"us-isob-", "aws-iso-b", "sc2s.sgov.gov", "", true},
    {"us-isof-", "aws-iso-f", "csp.hci.ic.gov", "", true},
    {"us-iso-", "aws-iso", "c2s.ic.gov", "", true},
    {"eu-isoe-", "aws-iso-e", "cloud.adc-e.uk", "", true},
    {"eusc-", "aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu", true},
    {"", "aws", "amazonaws.com", "api.aws", true},
}};

}  // namespace

const AwsPartition& aws_partition(std::string_view region) {
  return *std::find_if(kPartitions.begin(), kPartitions.end(),
                       [&](const AwsPartition& one) { return region.starts_with(one.region_prefix); });
}

Result<> check_endpoint_kinds(const std::string& region, bool fips, bool dual_stack) {
  const AwsPartition& partition = aws_partition(region);
  if (fips && !partition.fips) return invalid("store.fips: " + region + " has no FIPS endpoints");
  if (dual_stack && partition.dual_stack_domain.empty())
    return invalid("store.dual_stack: " + region + " has no dual-stack endpoints");
  return ok();
}

// In GovCloud every endpoint of STS is a FIPS one, and only the dual-stack ones are named so.
std::string sts_host(const std::string& region, bool fips, bool dual_stack) {
  const AwsPartition& partition = aws_partition(region);
  const bool named = fips && (dual_stack || partition.name != "aws-us-gov");
  const std::string_view domain = dual_stack ? partition.dual_stack_domain : partition.domain;
  return std::string(named ? "sts-fips." : "sts.") + region + "." + std::string(domain);
}

}  // namespace cistern

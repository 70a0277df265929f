// Our names of AWS's servers against AWS's own rules, for every region, where botocore is installed.
#include <cstdlib>
#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pipeline/store/aws_partition.h"
#include "pipeline/store/s3_endpoint.h"
#include "tests/temporary_folder.h"

namespace cistern {
namespace {

// Empty: we refuse.
std::string our_host(const std::string& service, const std::string& region, bool fips, bool dual_stack) {
  if (service == "sts") {
    return check_endpoint_kinds(region, fips, dual_stack) ? sts_host(region, fips, dual_stack)
                                                          : std::string();
  }
  const auto endpoint =
      resolve_s3_endpoint({.bucket = "logs", .region = region, .dual_stack = dual_stack, .fips = fips});
  return endpoint ? endpoint.value().server.host : std::string();
}

// What AWS's newer rules build a name for, but no documentation has.
bool we_may_refuse(const std::string& partition, bool fips, bool dual_stack) {
  return (partition == "aws-cn" && fips) || (partition.starts_with("aws-iso") && dual_stack);
}

TEST(AwsEndpoints, AreThoseOfAwssOwnRules) {
  const std::string python = "/usr/bin/python3";
  if (std::system((python + " -c 'import botocore.endpoint_provider' 2>/dev/null").c_str()) != 0)
    GTEST_SKIP() << "botocore is not installed (Debian: python3-botocore)";
  const TemporaryFolder folder;
  const std::string file = folder / "endpoints.json";
  const std::string program = std::string(CISTERN_CONFORMANCE) + "/aws_endpoints.py";
  ASSERT_EQ(0, std::system((python + " -B " + program + " > " + file).c_str()));
  std::ifstream lines(file);
  std::map<std::string, int> compared;
  for (std::string line; std::getline(lines, line);) {
    const auto row = nlohmann::json::parse(line);
    const bool fips = row["fips"], dual_stack = row["dual_stack"];
    const std::string service = row["service"], partition = row["partition"];
    const std::string ours = our_host(service, row["region"], fips, dual_stack);
    if (ours.empty() && we_may_refuse(partition, fips, dual_stack)) continue;
    const std::string theirs = row["host"].is_null() ? std::string() : row["host"].get<std::string>();
    EXPECT_EQ(theirs, ours) << line;
    EXPECT_EQ(partition, aws_partition(row["region"].get<std::string>()).name) << line;
    ++compared[service];
  }
  EXPECT_GT(compared["s3"], 100);
  EXPECT_GT(compared["sts"], 100);
}

}  // namespace
}  // namespace cistern

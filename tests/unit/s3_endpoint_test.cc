#include "pipeline/store/s3_endpoint.h"

#include <gtest/gtest.h>

namespace cistern {
namespace {

const std::string kAccessPoint = "arn:aws:s3:us-west-2:123456789012:accesspoint/my-point";

struct EndpointRow {
  S3Location location;
  const char* authority;
  const char* bucket_path;
  const char* region;
};

TEST(S3Endpoint, Addresses) {
  const EndpointRow rows[] = {
      {{.bucket = "logs", .region = "eu-west-1"}, "logs.s3.eu-west-1.amazonaws.com", "", "eu-west-1"},
      {{.bucket = "logs", .path_style = true}, "s3.us-east-1.amazonaws.com", "/logs", "us-east-1"},
      {{.bucket = "my.logs"}, "s3.us-east-1.amazonaws.com", "/my.logs", "us-east-1"},
      {{.bucket = "logs", .dual_stack = true}, "logs.s3.dualstack.us-east-1.amazonaws.com", "", "us-east-1"},
      {{.bucket = "logs", .fips = true}, "logs.s3-fips.us-east-1.amazonaws.com", "", "us-east-1"},
      {{.bucket = "logs", .dual_stack = true, .fips = true},
       "logs.s3-fips.dualstack.us-east-1.amazonaws.com",
       "",
       "us-east-1"},
      {{.bucket = "my.logs", .fips = true}, "s3-fips.us-east-1.amazonaws.com", "/my.logs", "us-east-1"},
      {{.bucket = "logs", .region = "cn-north-1"}, "logs.s3.cn-north-1.amazonaws.com.cn", "", "cn-north-1"},
      {{.bucket = "logs", .region = "cn-northwest-1", .dual_stack = true},
       "logs.s3.dualstack.cn-northwest-1.amazonaws.com.cn",
       "",
       "cn-northwest-1"},
      {{.bucket = "logs", .region = "us-gov-west-1", .fips = true},
       "logs.s3-fips.us-gov-west-1.amazonaws.com",
       "",
       "us-gov-west-1"},
      {{.bucket = "logs", .region = "us-iso-east-1"},
       "logs.s3.us-iso-east-1.c2s.ic.gov",
       "",
       "us-iso-east-1"},
      {{.bucket = "logs", .region = "us-isob-east-1"},
       "logs.s3.us-isob-east-1.sc2s.sgov.gov",
       "",
       "us-isob-east-1"},
      {{.bucket = "logs", .region = "eu-isoe-west-1"},
       "logs.s3.eu-isoe-west-1.cloud.adc-e.uk",
       "",
       "eu-isoe-west-1"},
      {{.bucket = "logs", .region = "eusc-de-east-1", .dual_stack = true},
       "logs.s3.dualstack.eusc-de-east-1.amazonaws.eu",
       "",
       "eusc-de-east-1"},
      {{.bucket = "my-point-abc123-s3alias", .region = "eu-west-1"},
       "my-point-abc123-s3alias.s3.eu-west-1.amazonaws.com",
       "",
       "eu-west-1"},
      {{.bucket = kAccessPoint},
       "my-point-123456789012.s3-accesspoint.us-west-2.amazonaws.com",
       "",
       "us-west-2"},
      {{.bucket = "arn:aws-cn:s3:cn-north-1:123456789012:accesspoint:my-point"},
       "my-point-123456789012.s3-accesspoint.cn-north-1.amazonaws.com.cn",
       "",
       "cn-north-1"},
      {{.bucket = kAccessPoint, .dual_stack = true, .fips = true},
       "my-point-123456789012.s3-accesspoint-fips.dualstack.us-west-2.amazonaws.com",
       "",
       "us-west-2"},
      {{.bucket = kAccessPoint, .endpoint = "https://vpce-1.s3.us-west-2.vpce.amazonaws.com"},
       "my-point-123456789012.vpce-1.s3.us-west-2.vpce.amazonaws.com",
       "",
       "us-west-2"},
      {{.bucket = "my.logs", .endpoint = "http://s3.test"}, "my.logs.s3.test", "", "us-east-1"},
      {{.bucket = "logs", .endpoint = "http://127.0.0.1:7480"}, "127.0.0.1:7480", "/logs", "us-east-1"},
      {{.bucket = "logs", .endpoint = "https://[::1]:7480/"}, "[::1]:7480", "/logs", "us-east-1"},
      {{.bucket = "logs", .endpoint = "https://s3.test:443"}, "logs.s3.test", "", "us-east-1"},
  };
  for (const EndpointRow& row : rows) {
    auto endpoint = resolve_s3_endpoint(row.location);
    ASSERT_TRUE(endpoint) << row.authority << ": " << endpoint.error().what;
    EXPECT_EQ(row.authority, endpoint.value().server.authority());
    EXPECT_EQ(row.bucket_path, endpoint.value().bucket_path) << row.authority;
    EXPECT_EQ(row.region, endpoint.value().region) << row.authority;
    EXPECT_EQ(!row.location.endpoint.starts_with("http:"), endpoint.value().server.tls) << row.authority;
  }
}

TEST(S3Endpoint, WhatCannotBeReachedIsToldByItsSetting) {
  const std::pair<S3Location, const char*> rows[] = {
      {{.bucket = "a..b"}, "store.bucket"},
      {{.bucket = ".."}, "store.bucket"},
      {{.bucket = "../x"}, "store.bucket"},
      {{.bucket = std::string(64, 'b')}, "store.bucket"},
      {{.bucket = "logs--use1-az4--x-s3"}, "directory buckets"},
      {{.bucket = "arn:aws:s3::123456789012:accesspoint/abc.mrap"}, "multi-Region"},
      {{.bucket = "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-1/accesspoint/p"}, "s3-outposts"},
      {{.bucket = "arn:aws:s3-object-lambda:us-west-2:123456789012:accesspoint/p"}, "s3-object-lambda"},
      {{.bucket = "arn:aws:s3:cn-north-1:123456789012:accesspoint/point"}, "partition"},
      {{.bucket = "arn:aws:s3:us-west-2:1:accesspoint/point"}, "right form"},
      {{.bucket = "arn:aws:s3:us-west-2:123456789012:bucket/point"}, "right form"},
      {{.bucket = "arn:aws:s3:us-west-2:123456789012:accesspoint/A.b"}, "right form"},
      {{.bucket = "arn:aws:s3"}, "store.bucket"},
      {{.bucket = kAccessPoint, .path_style = true}, "store.path_style"},
      {{.bucket = kAccessPoint, .endpoint = "http://127.0.0.1:1"}, "store.endpoint"},
      {{.bucket = "logs", .region = "cn-north-1", .fips = true}, "store.fips"},
      {{.bucket = "logs", .region = "us-iso-east-1", .dual_stack = true}, "store.dual_stack"},
      {{.bucket = "logs", .endpoint = "https://s3.test", .fips = true}, "store.fips"},
  };
  for (const auto& [location, text] : rows) {
    auto endpoint = resolve_s3_endpoint(location);
    ASSERT_FALSE(endpoint) << location.bucket << endpoint.value().server.authority();
    EXPECT_EQ(ErrorKind::invalid, endpoint.error().kind);
    EXPECT_NE(std::string::npos, endpoint.error().what.find(text)) << endpoint.error().what;
  }
}

}  // namespace
}  // namespace cistern

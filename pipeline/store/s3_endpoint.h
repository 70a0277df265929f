// Which server a bucket is reached at, and how a request's path begins there. Pure.
//
// AWS's own names (docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html,
// dual-stack-endpoints.html, access-points-naming.html; general/latest/gr/s3.html), with the region's
// partition (aws_partition.h) deciding the domain:
//
//   BUCKET.s3.REGION.amazonaws.com                        virtual-hosted; s3.REGION…/BUCKET path style
//   BUCKET.s3.dualstack.REGION.amazonaws.com              IPv4 and IPv6
//   BUCKET.s3-fips.REGION.amazonaws.com                   FIPS 140; with dualstack: s3-fips.dualstack.REGION
//   NAME-ACCOUNT.s3-accesspoint.REGION.amazonaws.com      arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME
//   ALIAS-s3alias.s3.REGION.amazonaws.com                 an access point's alias is used like a bucket
#pragma once

#include <string>

#include "pipeline/store/http_message.h"

namespace cistern {

struct S3Location {
  std::string bucket{};  // its name, an access point's alias, or an access point's ARN
  std::string region = "us-east-1";
  std::string endpoint{};   // "https://host[:port]"; empty: AWS's own for the region
  bool path_style = false;  // else bucket.host; addresses and dotted buckets over TLS are always path style
  bool dual_stack = false;
  bool fips = false;
};

struct S3Endpoint {
  HttpEndpoint server;
  std::string bucket_path;  // "" or "/bucket"
  std::string region;       // to sign for: an access point's ARN names its own
};

// Error `invalid` names the setting that is wrong.
Result<S3Endpoint> resolve_s3_endpoint(const S3Location& location);

}  // namespace cistern

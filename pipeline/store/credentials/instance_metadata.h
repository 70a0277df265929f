// Credentials of an EC2 instance's role: the instance metadata service, version 2 only. There is no way back
// to version 1, whose unauthenticated GETs a forged request could make.
//
//   PUT /latest/api/token                                     x-aws-ec2-metadata-token-ttl-seconds: 21600
//   GET /latest/meta-data/iam/security-credentials/           x-aws-ec2-metadata-token: <token>  -> <role>
//   GET /latest/meta-data/iam/security-credentials/<role>     x-aws-ec2-metadata-token: <token>  -> JSON
#pragma once

#include <memory>

#include "pipeline/store/credentials/credential_provider.h"

namespace cistern {

struct InstanceMetadataOptions {
  std::string endpoint{};       // URL; empty: AWS's own address
  std::string endpoint_mode{};  // "IPv4" (or empty) or "IPv6", any case: which address that is
  int64_t answer_ms = 1'000;    // of one try, to connect as well
};

// Error `invalid`: endpoint or mode cannot be used.
Result<std::unique_ptr<CredentialProvider>> instance_metadata(const InstanceMetadataOptions& options,
                                                              const CredentialDoors& doors);

}  // namespace cistern

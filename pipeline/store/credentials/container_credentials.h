// Credentials of an ECS task or of an EKS pod (Pod Identity): an HTTP endpoint that the container's
// environment names.
//
// Rules of the SDKs: the relative URI goes before the full one. Over plain http only loopback addresses,
// localhost, 169.254.170.2 (ECS), 169.254.170.23 and fd00:ec2::23 (EKS) are asked; over https any host. The
// token file goes before the token; it is read at every fetch, and its content is sent as it is.
#pragma once

#include <memory>

#include "pipeline/store/credentials/credential_provider.h"

namespace cistern {

struct ContainerOptions {
  std::string relative_uri{};  // "/v2/credentials/<id>"
  std::string full_uri{};
  Secret token{};
  std::string token_file{};
  std::string ca_file{};
  std::string relative_base = "http://169.254.170.2";
  int64_t answer_ms = 2'000;  // of one try
};

// Error `invalid`: a URI that cannot be used.
Result<std::unique_ptr<CredentialProvider>> container_credentials(ContainerOptions options,
                                                                  const CredentialDoors& doors);

}  // namespace cistern

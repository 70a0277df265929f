// Whether a certificate and a private key can serve TLS together, from their PEM files. Blocks; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "pipeline/result.h"

namespace cistern {

struct CertificateFacts {
  std::string subject;        // of the first certificate in the file
  std::string names;          // its host names and addresses, separated by commas
  int64_t valid_from_ms = 0;  // wall clock
  int64_t valid_until_ms = 0;
};

// Errors (`invalid`): a file that cannot be read or is not PEM, an encrypted key, a key of another
// certificate.
Result<CertificateFacts> check_certificate(const std::string& certificate_file, const std::string& key_file);

}  // namespace cistern

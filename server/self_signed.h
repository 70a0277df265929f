// A self-signed certificate for a first try on one's own machine. Firehose does not trust it.
#pragma once

#include <cstdint>
#include <string>

#include "pipeline/result.h"

namespace cistern {

struct SelfSigned {
  std::string certificate;  // PEM
  std::string private_key;  // PEM, secret
};

// ECDSA P-256, for localhost, 127.0.0.1 and ::1, good from an hour ago for a year. Error `fatal`: OpenSSL
// would not.
Result<SelfSigned> make_self_signed(int64_t wall_ms);

}  // namespace cistern

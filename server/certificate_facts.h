// What an operator wants to know of the certificate in use. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>

#include "server/tls.h"

namespace cistern {

struct CertificateFacts {
  std::string names;          // host names and addresses that it is for, separated by commas; empty: none
  int64_t valid_from_ms = 0;  // wall clock
  int64_t valid_until_ms = 0;
};

CertificateFacts certificate_facts(const TlsContext& context);

}  // namespace cistern

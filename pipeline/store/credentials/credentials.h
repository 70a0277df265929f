// What AWS requests are signed with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pipeline/secret.h"

namespace cistern {

struct Credentials {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token{};               // empty: long-term credentials
  std::optional<int64_t> expires_ms{};  // wall clock; none: they do not expire, or nobody said
};

}  // namespace cistern

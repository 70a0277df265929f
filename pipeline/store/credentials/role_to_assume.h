// A role of IAM, and the session that is asked of STS for it. Limits: STS's own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/result.h"

namespace cistern {

struct RoleToAssume {
  std::string arn{};                // arn:aws:iam::123456789012:role/archive
  std::string external_id{};        // 2 to 1224 characters, when the role's trust asks for one
  std::string session_name{};       // 2 to 64 of A-Z a-z 0-9 _+=,.@-; empty: "cistern"
  int64_t duration_s = 3600;        // 900 to 43 200, and at most 3600 for a role that a role assumes
  std::vector<std::string> tags{};  // of the session: "name=value"
};

// Error `invalid` names what is wrong with it.
Result<> check_role(const RoleToAssume& role);

}  // namespace cistern

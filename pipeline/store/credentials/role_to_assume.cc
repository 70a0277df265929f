#include "pipeline/store/credentials/role_to_assume.h"

#include <algorithm>
#include <string_view>

#include "pipeline/ascii.h"

namespace cistern {
namespace {

bool session_name_character(char c) {
  return is_alphanumeric(c) || std::string_view("_+=,.@-").find(c) != std::string_view::npos;
}

}  // namespace

Result<> check_role(const RoleToAssume& role) {
  const bool arn = role.arn.starts_with("arn:") && role.arn.size() >= 20 && role.arn.size() <= 2048 &&
                   role.arn.find(":role/") != std::string::npos;
  if (!arn) return invalid("a role's ARN looks like arn:aws:iam::123456789012:role/archive");
  if (role.external_id.size() == 1 || role.external_id.size() > 1224)
    return invalid("an external id has 2 to 1224 characters");
  const std::string& name = role.session_name;
  const bool named = name.empty() || (name.size() >= 2 && name.size() <= 64 &&
                                      std::all_of(name.begin(), name.end(), session_name_character));
  if (!named) return invalid("a role's session name has 2 to 64 letters, digits and _+=,.@-");
  if (role.duration_s < 900 || role.duration_s > 43'200)
    return invalid("a role's session lasts 900 to 43200 seconds");
  for (const std::string& tag : role.tags) {
    const size_t equals = tag.find('=');
    const bool good =
        equals != std::string::npos && equals > 0 && equals <= 128 && tag.size() - equals <= 257;
    if (!good) return invalid("a role's tag is name=value, of at most 128 and 256 characters");
  }
  return ok();
}

}  // namespace cistern

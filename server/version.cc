#include "server/version.h"

namespace cistern {

std::string_view version() { return CISTERN_VERSION; }

std::string_view revision() { return CISTERN_REVISION; }

std::string version_text() {
  std::string text(version());
  if (!revision().empty()) text.append(" (").append(revision()).append(")");
  return text;
}

}  // namespace cistern

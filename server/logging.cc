// See logging.h. Owned by the process's edge.
#include "server/logging.h"

#include <unistd.h>

#include "pipeline/log.h"

namespace cistern {

void set_logging(const Config& config) {
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  set_log_level(config.log_level);
  set_log_format(config.log_format.value_or(terminal ? LogFormat::text : LogFormat::json));
}

}  // namespace cistern

// The command `cistern send`: builds the simulator's parts, runs them to their end and says what came of it.
#pragma once

#include "server/send/send_options.h"

namespace cistern {

// Blocks until everything is sent or SIGINT/SIGTERM has stopped it. The summary goes to standard output,
// progress and errors to standard error. Returns the exit code: 0 all acknowledged; 1 some deliveries were
// not, or the acknowledged file could not be written; 2 the options are wrong.
int run_send(const SendOptions& options);

}  // namespace cistern

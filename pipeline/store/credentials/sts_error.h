// What STS's refusals mean: one table, from its code to what an operator should look at. Pure.
#pragma once

#include "pipeline/result.h"
#include "pipeline/store/credentials/credentials.h"
#include "pipeline/store/http_message.h"

namespace cistern {

// Of an answer whose status is not 200. `secrets` are struck out of what STS said. Kind `retry` for a trouble
// of its own, else `fatal`.
Error sts_error(const HttpResponse& response, const Credentials& secrets);

}  // namespace cistern

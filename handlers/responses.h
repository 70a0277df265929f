// The one shape in which Firehose takes an answer: {"requestId","timestamp"[,"errorMessage"]} and nothing
// else (protocol rules P2 to P4; anything different counts as a failure and is delivered again).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "handlers/exchange.h"
#include "pipeline/result.h"

namespace cistern {

// Firehose retries after every status but 200 and 413, and loses the data on 413: never add that one here.
unsigned http_status(ErrorKind kind);

Reply firehose_accepted(std::string_view request_id, int64_t now_ms);
Reply firehose_refused(std::string_view request_id, int64_t now_ms, const Error& error);
// For statuses that no ErrorKind stands for: 404, 405.
Reply firehose_refused(std::string_view request_id, int64_t now_ms, unsigned status, std::string_view why);

// The request id as it is echoed, logged and journaled: X-Amz-Firehose-Request-Id when it came exactly once,
// at most kMaxRequestId printable ASCII characters, others replaced by '?'. Empty: none.
inline constexpr size_t kMaxRequestId = 256;
std::string request_id_of(const RequestHead& head);

inline constexpr size_t kMaxErrorMessage = 8192;  // P2

}  // namespace cistern

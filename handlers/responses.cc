// See responses.h. Owned by the HTTP edge.
#include "handlers/responses.h"

#include <nlohmann/json.hpp>

#include "pipeline/ascii.h"

namespace cistern {
namespace {

std::string firehose_body(std::string_view request_id, int64_t now_ms, const std::string* error) {
  nlohmann::ordered_json body = {{"requestId", printable(request_id, kMaxRequestId)}, {"timestamp", now_ms}};
  if (error != nullptr) body["errorMessage"] = *error;
  return body.dump();
}

}  // namespace

unsigned http_status(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid:
      return 400;
    case ErrorKind::unauthorized:
      return 401;
    case ErrorKind::over_quota:
      return 429;
    case ErrorKind::busy:
    case ErrorKind::retry:
    case ErrorKind::fatal:
      return 503;
  }
  return 503;
}

Reply firehose_accepted(std::string_view request_id, int64_t now_ms) {
  return {.status = 200, .body = firehose_body(request_id, now_ms, nullptr)};
}

Reply firehose_refused(std::string_view request_id, int64_t now_ms, const Error& error) {
  return firehose_refused(request_id, now_ms, http_status(error.kind), error.what);
}

Reply firehose_refused(std::string_view request_id, int64_t now_ms, unsigned status, std::string_view why) {
  std::string text = printable(why, kMaxErrorMessage);
  return {.status = status, .body = firehose_body(request_id, now_ms, &text)};
}

std::string request_id_of(const RequestHead& head) {
  return printable(head.field("X-Amz-Firehose-Request-Id").value_or(""), kMaxRequestId);
}

}  // namespace cistern

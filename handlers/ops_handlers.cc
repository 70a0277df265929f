// See ops_handlers.h. Owned by the HTTP edge.
#include "handlers/ops_handlers.h"

#include <prometheus/text_serializer.h>

#include <nlohmann/json.hpp>

#include "handlers/responses.h"
#include "pipeline/ascii.h"

namespace cistern {

Handler::Answer OpsHandler::begin(const RequestHead& head) {
  if (head.method != "GET" && head.method != "HEAD") {
    Reply reply = firehose_refused(request_id_of(head), clock_.wall_ms(), 405, "Use GET or HEAD here.");
    reply.allow = "GET, HEAD";
    return reply;
  }
  if (head.path() == "/metrics") return metrics();
  if (head.path() == "/readyz") return ready();
  return Reply{.body = R"({"live":true})"};
}

Reply OpsHandler::refuse(const RequestHead& head, const Error& error) {
  return firehose_refused(request_id_of(head), clock_.wall_ms(), error);
}

Reply OpsHandler::ready() const {
  const Readiness found = readiness(checks_);
  nlohmann::ordered_json body = {{"ready", found.ready()}};
  for (const auto& note : found.reasons) body["reasons"].push_back(note.part + ": " + note.text);
  for (const auto& note : found.warnings) body["warnings"].push_back(note.part + ": " + note.text);
  return {.status = found.ready() ? 200u : 503u, .body = body.dump()};
}

Reply OpsHandler::metrics() const {
  return {.content_type = "text/plain; version=0.0.4; charset=utf-8",
          .body = prometheus::TextSerializer().Serialize(metrics_.Collect())};
}

}  // namespace cistern

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
  auto reasons = nlohmann::ordered_json::array();
  auto warnings = nlohmann::ordered_json::array();
  for (const ReadyCheck& each : checks_) {
    const auto result = each.check();
    if (!result)
      (each.needed ? reasons : warnings).push_back(each.name + ": " + printable(result.error().what, 512));
  }
  nlohmann::ordered_json body = {{"ready", reasons.empty()}};
  if (!reasons.empty()) body["reasons"] = reasons;
  if (!warnings.empty()) body["warnings"] = warnings;
  return {.status = reasons.empty() ? 200u : 503u, .body = body.dump()};
}

Reply OpsHandler::metrics() const {
  return {.content_type = "text/plain; version=0.0.4; charset=utf-8",
          .body = prometheus::TextSerializer().Serialize(metrics_.Collect())};
}

}  // namespace cistern

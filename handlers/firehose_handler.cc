// See firehose_handler.h. Owned by the HTTP edge.
#include "handlers/firehose_handler.h"

#include <utility>

#include "handlers/common_attributes.h"
#include "handlers/responses.h"
#include "pipeline/ascii.h"

namespace cistern {
namespace {

Result<> check_version(const RequestHead& head) {
  auto version = head.field("X-Amz-Firehose-Protocol-Version");
  if (version == "1.0") return ok();
  return invalid("X-Amz-Firehose-Protocol-Version is not 1.0, the only version that this endpoint speaks.");
}

// The id is echoed as it came or not at all: an altered one would make every answer invalid to Firehose.
Result<> check_request_id(const RequestHead& head) {
  auto id = head.field("X-Amz-Firehose-Request-Id").value_or("");
  if (id.empty()) return invalid("The header X-Amz-Firehose-Request-Id is missing or came twice.");
  if (id != request_id_of(head))
    return invalid("X-Amz-Firehose-Request-Id is longer than 256 characters or not printable ASCII.");
  return ok();
}

// 400 and not 415: Firehose's table of statuses has 400 for a wrong encoding setting, and retries it.
Result<bool> is_gzip(const RequestHead& head) {
  if (head.count("Content-Encoding") == 0) return false;
  auto encoding = head.field("Content-Encoding").value_or("twice");
  if (encoding.empty() || same_without_case(encoding, "identity")) return false;
  if (same_without_case(encoding, "gzip")) return true;
  return invalid("Content-Encoding is neither gzip nor absent. Set GZIP or disabled in Firehose.");
}

struct Described {
  Delivery delivery;
  bool gzip = false;
};

Result<Described> describe(const RequestHead& head, const FirehoseContext& context,
                           const DeliverySender& sender) {
  CISTERN_TRY(check_version(head));
  CISTERN_TRY(check_request_id(head));
  if (head.count("X-Amz-Firehose-Common-Attributes") > 1)
    return invalid("The header X-Amz-Firehose-Common-Attributes came twice.");
  Described described;
  Delivery& delivery = described.delivery;
  delivery.request_id = sender.request_id;
  delivery.access_key_name = sender.key_name;
  delivery.source_arn = printable(head.field("X-Amz-Firehose-Source-Arn").value_or(""), 2048);
  delivery.arrived_ms = context.clock.wall_ms();
  auto attributes = head.field("X-Amz-Firehose-Common-Attributes").value_or("");
  CISTERN_TRY(delivery.common_attributes, parse_common_attributes(attributes));
  CISTERN_TRY(described.gzip, is_gzip(head));
  CISTERN_TRY(context.intake.ready());
  return described;
}

}  // namespace

Handler::Answer FirehoseHandler::begin(const RequestHead& head) {
  DeliverySender sender{request_id_of(head), {}};
  if (head.method != "POST") {
    // Balancers' health checks come every few seconds: no line in the log for each.
    bool health_check = head.method == "GET" || head.method == "HEAD";
    Reply reply = refuse_delivery(context_, sender, 405,
                                  "Deliveries are sent with POST. For health checks use GET /livez.",
                                  health_check ? LogLevel::debug : LogLevel::warning);
    reply.allow = "POST";
    return reply;
  }
  auto key = keys_.get()->check(head.field("X-Amz-Firehose-Access-Key"));
  if (!key) return answer_delivery(context_, sender, key.error());
  sender.key_name = key.value().name;
  auto described = describe(head, context_, sender);
  if (!described) return answer_delivery(context_, sender, described.error());
  auto lease = context_.admission.lease(key.value().name, key.value().in_flight_bytes);
  return std::make_shared<FirehoseRequest>(context_, std::move(described.value().delivery),
                                           described.value().gzip, std::move(lease));
}

Reply FirehoseHandler::refuse(const RequestHead& head, const Error& error) {
  return answer_delivery(context_, {request_id_of(head), {}}, error);
}

}  // namespace cistern

// See firehose_request.h. Owned by the HTTP edge.
#include "handlers/firehose_request.h"

#include <new>
#include <utility>

#include "handlers/delivery_parser.h"
#include "handlers/responses.h"
#include "pipeline/ascii.h"
#include "pipeline/codec.h"
#include "pipeline/json_index.h"

namespace cistern {
namespace {

constexpr uint64_t kPerBodyByte = 2;  // see Limits::in_flight_bytes

double seconds_since(const Clock& clock, int64_t start_ns) {
  return static_cast<double>(clock.steady_ns() - start_ns) * 1e-9;
}

}  // namespace

Reply refuse_delivery(const FirehoseContext& context, const DeliverySender& sender, unsigned status,
                      const std::string& why, LogLevel level) {
  context.metrics.deliveries.of(std::to_string(status)).Increment();
  std::string reason = printable(why, 512);
  log_line(level, "delivery_refused", reason,
           {{"request_id", sender.request_id}, {"status", status}, {"access_key", sender.key_name}});
  return firehose_refused(sender.request_id, context.clock.wall_ms(), status, why);
}

Reply answer_delivery(const FirehoseContext& context, const DeliverySender& sender, const Result<>& outcome) {
  if (!outcome)
    return refuse_delivery(context, sender, http_status(outcome.error().kind), outcome.error().what);
  context.metrics.deliveries.of("200").Increment();
  context.metrics.deliveries_by_key.of(sender.key_name.empty() ? "none" : sender.key_name).Increment();
  log_debug("delivery_accepted", "acknowledged",
            {{"request_id", sender.request_id}, {"access_key", sender.key_name}});
  return firehose_accepted(sender.request_id, context.clock.wall_ms());
}

FirehoseRequest::FirehoseRequest(const FirehoseContext& context, Delivery delivery, bool gzip,
                                 Admission::Lease lease)
    : context_(context),
      limits_(context.limits.get()),
      sender_{delivery.request_id, delivery.access_key_name},
      gzip_(gzip),
      started_ns_(context.clock.steady_ns()),
      delivery_(std::move(delivery)),
      lease_(std::make_shared<Admission::Lease>(std::move(lease))) {}

Result<> FirehoseRequest::reserve(uint64_t more) {
  // 413 would be the usual answer, but Firehose never sends such a delivery again nor backs it up. After busy
  // it tries on, and in the end backs it up.
  if (more > limits_->body_bytes - reserved_)
    return busy("The body is over the limit of " + std::to_string(limits_->body_bytes) +
                " bytes. Lower the buffer size of the Firehose destination, or raise limits.body_bytes.");
  CISTERN_TRY(lease_->grow(kPerBodyByte * more));
  reserved_ += more;
  return ok();
}

void FirehoseRequest::finish(OnReply done) {
  context_.metrics.receive_seconds.Observe(seconds_since(context_.clock, started_ns_));
  context_.metrics.wire_bytes.Increment(static_cast<double>(delivery_.body.size()));
  context_.workers.post([self = shared_from_this(), done = std::move(done)] { self->work(done); });
}

void FirehoseRequest::work(const OnReply& done) {
  if (auto opened = open_body(); !opened) {
    delivery_ = {};
    lease_ = nullptr;
    done(answer(opened));
    return;
  }
  delivery_.lease = std::move(lease_);
  context_.intake.accept(std::move(delivery_), [self = shared_from_this(), done](Result<> outcome) {
    done(self->answer(outcome));
  });
}

Result<> FirehoseRequest::open_body() {
  try {
    if (gzip_) {
      CISTERN_TRY(inflate_body());
    }
    context_.metrics.body_bytes.Increment(static_cast<double>(delivery_.body.size()));
    return parse_body();
  } catch (const std::bad_alloc&) {
    return busy("There is not enough memory for this delivery now. Send again later.");
  }
}

Result<> FirehoseRequest::inflate_body() {
  thread_local Gunzip gunzip;
  Buffer inflated;
  const uint64_t packed = delivery_.body.size();
  const Gunzip::Grow grow = [&](uint64_t bytes) { return lease_->grow_to(packed + bytes); };
  auto result = gunzip.run(delivery_.body.view(), limits_->inflated_body_bytes, inflated, grow);
  if (!result) {
    Error error = result.error();
    error.what = "The gzip body could not be unpacked: " + error.what;
    return error;
  }
  delivery_.body = std::move(inflated);
  // Buffer's move swaps: the wire bytes go here.
  inflated = Buffer();
  const uint64_t needed = kPerBodyByte * delivery_.body.size();
  lease_->shrink_to(needed);
  return lease_->grow_to(needed);
}

// What the parser needs beside the body is next to nothing, but for a body that is all structure.
Result<> FirehoseRequest::parse_body() {
  thread_local DeliveryParser parser;
  const uint64_t before = lease_->held();
  CISTERN_TRY(lease_->grow(json_index_bytes(delivery_.body.view())));
  auto result = parser.parse(delivery_, limits_->records);
  lease_->shrink_to(before);
  return result;
}

Reply FirehoseRequest::refuse(const Error& error) {
  // Bytes stay leased: after a late answer the pipeline still holds them.
  if (answered_.exchange(true))  // the answer came at the same moment: it was counted
    return firehose_refused(sender_.request_id, context_.clock.wall_ms(), error);
  return answer_delivery(context_, sender_, error);
}

// What comes after the reply was given up (see PendingRequest::refuse) is not counted as an answer; Firehose
// sends again and the journal knows the repeat.
Reply FirehoseRequest::answer(const Result<>& outcome) {
  if (answered_.exchange(true)) {
    log_info("delivery_late", outcome ? "durable after its answer was given up" : outcome.error().what,
             {{"request_id", sender_.request_id}});
    return {};
  }
  context_.metrics.ack_seconds.Observe(seconds_since(context_.clock, started_ns_));
  return answer_delivery(context_, sender_, outcome);
}

}  // namespace cistern

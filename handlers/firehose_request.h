// One delivery between its accepted head and its answer: body, decoding on a worker, the pipeline's verdict.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "handlers/admission.h"
#include "handlers/exchange.h"
#include "pipeline/clock.h"
#include "pipeline/delivery.h"
#include "pipeline/intake.h"
#include "pipeline/latest.h"
#include "pipeline/limits.h"
#include "pipeline/log.h"
#include "pipeline/metrics.h"
#include "pipeline/worker_queue.h"

namespace cistern {

// What every delivery needs; outlives them all.
struct FirehoseContext {
  const Latest<Limits>& limits;
  Intake& intake;
  Admission& admission;
  WorkerQueue& workers;
  const Clock& clock;
  Metrics& metrics;
};

// Whose answer is counted and logged, and how long it took.
struct DeliverySender {
  std::string request_id;  // printable
  std::string key_name;    // empty: none are configured, or not yet known
};

// Makes the reply, counts it by status, and logs it: refusals as warnings.
Reply answer_delivery(const FirehoseContext& context, const DeliverySender& sender, const Result<>& outcome);
// For statuses that no ErrorKind stands for.
Reply refuse_delivery(const FirehoseContext& context, const DeliverySender& sender, unsigned status,
                      const std::string& why, LogLevel level = LogLevel::warning);

class FirehoseRequest : public PendingRequest, public std::enable_shared_from_this<FirehoseRequest> {
 public:
  // `delivery` has all that the head says; `gzip`: the body's Content-Encoding; `lease`: the sender's, empty.
  FirehoseRequest(const FirehoseContext& context, Delivery delivery, bool gzip, Admission::Lease lease);

  Result<> reserve(uint64_t more) override;
  Buffer& body() override { return delivery_.body; }
  void finish(OnReply done) override;
  Reply refuse(const Error& error) override;

 private:
  void work(const OnReply& done);  // on a worker
  Result<> open_body();
  Result<> inflate_body();
  Result<> parse_body();
  Reply answer(const Result<>& outcome);

  const FirehoseContext& context_;
  const std::shared_ptr<const Limits> limits_;  // those of its beginning, to its end
  const DeliverySender sender_;
  const bool gzip_;
  const int64_t started_ns_;
  Delivery delivery_;
  std::shared_ptr<Admission::Lease> lease_;  // goes with the delivery
  uint64_t reserved_ = 0;                    // body bytes asked for
  std::atomic<bool> answered_ = false;
};

}  // namespace cistern

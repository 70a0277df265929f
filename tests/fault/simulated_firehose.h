// A sender that behaves as Firehose does: sends each delivery until it sees a 200, with the same request id
// and content; does not see every 200; loses patience and sends again while the first try is being worked on;
// sends again what was answered. And sources behind it that are not simple: CloudWatch records that come
// again in another delivery, bare text with equal lines, control messages, poison, used request ids.
//
// Its ledger holds what it sent and what was acknowledged. For one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "pipeline/intake.h"
#include "tests/fault/ledger.h"
#include "tests/fault/simulated_clock.h"
#include "tests/unit/record_maker.h"

namespace cistern::test {

class SimulatedFirehose {
 public:
  struct SentDelivery {
    std::string request_id;
    int64_t request_ms = 0;
    std::vector<std::string> records;  // base64
    std::vector<std::string> identities;
    bool used_id = false;       // its request id had been used for another one
    bool broken = false;        // its base64 is: nothing of it may be kept
    bool acknowledged = false;  // a 200 was given
    bool settled = false;       // and seen, or the delivery was refused for good
    uint64_t tries = 0;
  };
  // Where deliveries go. False: nobody listens.
  using Send = std::function<bool(Delivery, Intake::OnAccepted)>;
  // Something was acknowledged just now.
  using OnAcknowledged = std::function<void(const SentDelivery&)>;

  SimulatedFirehose(uint64_t seed, SimulatedClock& clock, Send send, OnAcknowledged on_acknowledged);

  // Sends this many new deliveries over the next `over_ms`.
  void start(uint64_t deliveries, int64_t over_ms);
  // From now on every answer arrives.
  void calm_down() { calm_ = true; }
  bool settled() const;
  const Ledger& ledger() const { return ledger_; }
  const std::vector<SentDelivery>& deliveries() const { return deliveries_; }
  // Empty, or an answer that is none.
  const std::string& wrong_answer() const { return wrong_answer_; }

 private:
  void add_delivery();
  void add_record(SentDelivery& delivery);
  void add_cloudwatch(SentDelivery& delivery);
  void add_cloudwatch_again(SentDelivery& delivery);
  void add_text(SentDelivery& delivery);
  void add_poison(SentDelivery& delivery);
  void expect(SentDelivery& delivery, const std::string& identity, SentEvent event);

  void attempt(size_t index);
  void answered(size_t index, const Result<>& answer);
  void acknowledged(SentDelivery& delivery);
  void again_within(size_t index, int64_t most_ms);
  bool chance(double probability) {
    return static_cast<double>(maker_.below(1'000'000)) < probability * 1'000'000;
  }

  RecordMaker maker_;  // the only source of randomness
  SimulatedClock& clock_;
  const Send send_;
  const OnAcknowledged on_acknowledged_;
  Ledger ledger_;
  std::vector<SentDelivery> deliveries_;
  struct SentRecord {
    std::string base64;
    std::vector<std::string> identities;
  };
  std::vector<SentRecord> cloudwatch_;  // sent ones
  uint64_t planned_ = 0;                // deliveries that are still to come
  uint64_t serial_ = 0;
  bool calm_ = false;
  std::string wrong_answer_;
};

}  // namespace cistern::test

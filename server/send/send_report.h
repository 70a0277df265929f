// Counts what happened to deliveries and tells it: a line of progress while it runs, a summary at its end.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "server/send/answer_check.h"
#include "server/send/delivery_writer.h"

namespace cistern {

// One thread.
class SendReport {
 public:
  void started(const SendDelivery& delivery);  // before its first try
  void tried(const Verdict& verdict, int64_t answer_ns);
  void retrying() { ++retries_; }
  void finished(const SendDelivery& delivery, bool acknowledged);
  // A delivery that was sent once more on purpose.
  void repeated(bool acknowledged) { acknowledged ? ++repeats_ : ++failed_repeats_; }

  bool all_acknowledged() const { return failed_ == 0 && failed_repeats_ == 0; }
  // Why tries failed, each reason once and since the last call only.
  std::vector<std::string> take_new_reasons() { return std::exchange(new_reasons_, {}); }
  // `seconds` since the first delivery could go out.
  std::string progress(double seconds) const;
  std::string summary(double seconds) const;  // several lines
  std::string json(double seconds) const;     // one line, without '\n'

 private:
  double latency_ms(double quantile) const;  // of acknowledged tries

  uint64_t sent_ = 0;
  uint64_t acknowledged_ = 0;
  uint64_t failed_ = 0;
  uint64_t tries_ = 0;
  uint64_t retries_ = 0;
  uint64_t repeats_ = 0;
  uint64_t failed_repeats_ = 0;
  uint64_t records_ = 0;
  uint64_t events_ = 0;
  uint64_t control_messages_ = 0;
  uint64_t dead_letters_ = 0;
  uint64_t log_bytes_ = 0;
  uint64_t body_bytes_ = 0;
  uint64_t acknowledged_events_ = 0;
  std::map<unsigned, uint64_t> statuses_;    // 0: no answer
  std::map<std::string, uint64_t> reasons_;  // of tries that failed; bounded
  std::vector<std::string> new_reasons_;     // of these, not yet taken
  mutable std::vector<float> latencies_ms_;
};

}  // namespace cistern

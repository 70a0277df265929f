#include "server/send/send_report.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>

#include <nlohmann/json.hpp>

namespace cistern {
namespace {

constexpr size_t kReasons = 20;

__attribute__((format(printf, 1, 2))) std::string text(const char* format, ...) {
  char line[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  return line;
}

using Count = unsigned long long;

double per_second(uint64_t count, double seconds) {
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}
double mega(double bytes) { return bytes / 1e6; }

}  // namespace

void SendReport::started(const SendDelivery& delivery) {
  ++sent_;
  records_ += delivery.records;
  events_ += delivery.events;
  control_messages_ += delivery.control_messages;
  dead_letters_ += delivery.dead_letters;
  log_bytes_ += delivery.log_bytes;
  body_bytes_ += delivery.body.size();
}

void SendReport::tried(const Verdict& verdict, int64_t answer_ns) {
  ++tries_;
  ++statuses_[verdict.status];
  if (verdict.outcome == Verdict::Outcome::delivered) {
    latencies_ms_.push_back(static_cast<float>(static_cast<double>(answer_ns) / 1e6));
  } else {
    const bool known = reasons_.contains(verdict.why);
    const bool fresh = !known && reasons_.size() < kReasons;
    if (fresh) new_reasons_.push_back(verdict.why);
    ++reasons_[known || fresh ? verdict.why : "other reasons"];
  }
}

void SendReport::finished(const SendDelivery& delivery, bool acknowledged) {
  ++(acknowledged ? acknowledged_ : failed_);
  if (acknowledged) acknowledged_events_ += delivery.events;
}

double SendReport::latency_ms(double quantile) const {
  if (latencies_ms_.empty()) return 0;
  const auto rank = std::lround(quantile * static_cast<double>(latencies_ms_.size() - 1));
  const auto at = latencies_ms_.begin() + rank;
  std::nth_element(latencies_ms_.begin(), at, latencies_ms_.end());
  return *at;
}

std::string SendReport::progress(double seconds) const {
  return text("%5.0f s  %llu sent, %llu acknowledged, %llu retried, %llu failed; %llu events, %.1f log MB/s",
              seconds, Count{sent_}, Count{acknowledged_}, Count{retries_}, Count{failed_},
              Count{acknowledged_events_}, mega(per_second(log_bytes_, seconds)));
}

std::string SendReport::summary(double seconds) const {
  std::string out;
  out += text("deliveries   %llu sent, %llu acknowledged, %llu failed, in %.1f s\n", Count{sent_},
              Count{acknowledged_}, Count{failed_}, seconds);
  out += text("tries        %llu, of which %llu were retries; %llu repeats on purpose, %llu of them failed\n",
              Count{tries_}, Count{retries_}, Count{repeats_ + failed_repeats_}, Count{failed_repeats_});
  out += text("records      %llu, with %llu events, %llu control messages and %llu that cannot be decoded\n",
              Count{records_}, Count{events_}, Count{control_messages_}, Count{dead_letters_});
  out += text("volume       %.1f MB of log, %.1f MB of bodies; %.1f log MB/s, %.0f events/s\n",
              mega(static_cast<double>(log_bytes_)), mega(static_cast<double>(body_bytes_)),
              mega(per_second(log_bytes_, seconds)), per_second(acknowledged_events_, seconds));
  out += text("answered in  %.1f ms (median), %.1f ms (p90), %.1f ms (p99), %.1f ms (longest)\n",
              latency_ms(0.5), latency_ms(0.9), latency_ms(0.99), latency_ms(1));
  for (const auto& [reason, count] : reasons_) {
    out += text("%-11s  %llu x %.400s\n", "not taken", Count{count}, reason.c_str());
  }
  return out;
}

std::string SendReport::json(double seconds) const {
  nlohmann::ordered_json json = {{"seconds", seconds},
                                 {"sent", sent_},
                                 {"acknowledged", acknowledged_},
                                 {"failed", failed_},
                                 {"tries", tries_},
                                 {"retried", retries_},
                                 {"repeated", repeats_},
                                 {"failedRepeats", failed_repeats_},
                                 {"records", records_},
                                 {"events", events_},
                                 {"acknowledgedEvents", acknowledged_events_},
                                 {"controlMessages", control_messages_},
                                 {"deadLetters", dead_letters_},
                                 {"logBytes", log_bytes_},
                                 {"bodyBytes", body_bytes_},
                                 {"latencyMs",
                                  {{"p50", latency_ms(0.5)},
                                   {"p90", latency_ms(0.9)},
                                   {"p99", latency_ms(0.99)},
                                   {"max", latency_ms(1)}}}};
  for (const auto& [status, count] : statuses_) json["answers"][std::to_string(status)] = count;
  for (const auto& [reason, count] : reasons_) json["reasons"][reason] = count;
  return json.dump();
}

}  // namespace cistern

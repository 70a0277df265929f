#include "server/send/record_maker.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "pipeline/utc_time.h"
#include "server/send/envelope_writer.h"

namespace cistern {
namespace {

constexpr std::string_view kGroups[] = {"/aws/lambda/orders-api",
                                        "/aws/ecs/checkout",
                                        "/aws/eks/prod.1/containers",
                                        "/aws/rds/instance/billing-db/error",
                                        "vpc/flow-logs",
                                        "/app/web_front#blue"};
constexpr int64_t kBatchMs = 24 * kHourMs;  // PutLogEvents takes at most a day in one call

std::string group_name(uint64_t index) {
  std::string name(kGroups[index % std::size(kGroups)]);
  if (index >= std::size(kGroups)) name += "-" + std::to_string(index / std::size(kGroups));
  return name;
}

std::string stream_name(uint64_t index) {
  return "2026/07/14/[$LATEST]" + std::to_string(scatter(index) >> 16) + "/" + std::to_string(index);
}

// The account in arn:aws:firehose:region:account:deliverystream/name.
std::string account_of(std::string_view arn) {
  for (int colons = 0; colons < 4; ++colons) {
    const size_t at = arn.find(':');
    if (at == std::string_view::npos) return "123456789012";
    arn.remove_prefix(at + 1);
  }
  return std::string(arn.substr(0, arn.find(':')));
}

}  // namespace

RecordMaker::RecordMaker(const SendOptions& options, LogLines& lines, uint64_t identity)
    : options_(options),
      lines_(lines),
      nasty_lines_(options.seed + 1),
      rng_(options.seed),
      ids_(identity),
      nasty_records_(options.seed + 2, ids_, gzip_),
      events_left_(options.events > 0 ? options.events : std::numeric_limits<uint64_t>::max()) {}

SentEnvelope RecordMaker::new_envelope() {
  SentEnvelope envelope;
  envelope.owner = account_of(options_.source_arn);
  envelope.log_group = group_name(rng_.below(options_.groups));
  envelope.log_stream = stream_name(rng_.below(options_.streams));
  return envelope;
}

// Ordinary events end now; late ones up to the given age ago.
int64_t RecordMaker::first_time(int64_t now_ms, int64_t span_ms) {
  const bool late = rng_.chance(options_.late);
  const int64_t spread_ms = static_cast<int64_t>(options_.spread_hours * kHourMs);
  const int64_t room_ms = std::max(late ? options_.late_age_ms : spread_ms, span_ms) - span_ms;
  return now_ms - span_ms - static_cast<int64_t>(rng_.below(static_cast<uint64_t>(room_ms) + 1));
}

// Up to `events` lines, in time order as PutLogEvents demands; false: there was not one line left.
bool RecordMaker::fill(SentEnvelope& envelope, LogLines& lines, uint64_t events, int64_t now_ms) {
  const int64_t count = static_cast<int64_t>(events);
  const int64_t spread_ms = static_cast<int64_t>(options_.spread_hours * kHourMs);
  const int64_t span_ms = std::max(std::min(spread_ms, kBatchMs), std::min(count, kBatchMs));
  const int64_t first = first_time(now_ms, span_ms);
  ids_.begin_envelope();
  envelope.events.reserve(events);
  for (int64_t i = 0; i < count; ++i) {
    SentEvent event;
    if (!lines.next(event.message)) break;
    event.timestamp_ms = first + (count > 1 ? span_ms * i / (count - 1) : span_ms);
    event.id = ids_.next(event.timestamp_ms);
    envelope.events.push_back(std::move(event));
  }
  return !envelope.events.empty();
}

bool RecordMaker::ordinary(int64_t now_ms, SentRecord& record) {
  SentEnvelope envelope = new_envelope();
  if (!fill(envelope, lines_, std::min(options_.events_per_record, events_left_), now_ms)) return false;
  std::string json;
  write_envelope(envelope, json);
  record.log_bytes = json.size();
  record.datum = gzip_record(gzip_, json);
  record.envelopes.push_back(std::move(envelope));
  return true;
}

void RecordMaker::control(int64_t now_ms, SentRecord& record) {
  std::string json;
  write_control_message(now_ms, json);
  record.datum = gzip_record(gzip_, json);
  record.control_messages = 1;
}

// Every kind in turn, so that a short run meets them all.
void RecordMaker::nasty(int64_t now_ms, SentRecord& record) {
  SentEnvelope envelope = new_envelope();
  fill(envelope, nasty_lines_, 1 + rng_.below(4), now_ms);
  record =
      nasty_records_.make(static_cast<NastyKind>(next_nasty_++ % kNastyKinds), std::move(envelope), now_ms);
}

bool RecordMaker::next(int64_t request_ms, SentRecord& record) {
  record = {};
  if (events_left_ == 0) return false;
  const double what = rng_.fraction();
  if (what < options_.control) {
    control(request_ms, record);
  } else if (what < options_.control + options_.nasty) {
    nasty(request_ms, record);
  } else if (!ordinary(request_ms, record)) {
    return false;
  }
  uint64_t made = 0;
  for (const SentEnvelope& envelope : record.envelopes) made += envelope.events.size();
  events_left_ -= std::min(events_left_, std::max<uint64_t>(made, 1));
  return true;
}

}  // namespace cistern

#include "tests/fault/simulated_firehose.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

#include "pipeline/utc_time.h"

namespace cistern::test {
namespace {

constexpr int64_t kPatienceMs = 180'000;  // Firehose's own: three minutes

// "2026/11/21/08/"
std::string hour_of(int64_t ms) {
  using namespace std::chrono;
  const sys_time<hours> hour = floor<hours>(sys_time<milliseconds>(milliseconds(ms)));
  const year_month_day date(floor<days>(hour));
  char text[32];
  std::snprintf(text, sizeof text, "%04d/%02u/%02u/%02d/", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>((hour - floor<days>(hour)).count()));
  return text;
}

}  // namespace

SimulatedFirehose::SimulatedFirehose(uint64_t seed, SimulatedClock& clock, Send send,
                                     OnAcknowledged on_acknowledged)
    : maker_(seed), clock_(clock), send_(std::move(send)), on_acknowledged_(std::move(on_acknowledged)) {}

void SimulatedFirehose::start(uint64_t deliveries, int64_t over_ms) {
  planned_ += deliveries;
  int64_t when = 0;
  for (uint64_t i = 0; i < deliveries; ++i) {
    if (!chance(0.3)) when = static_cast<int64_t>(maker_.below(static_cast<uint64_t>(over_ms)));
    clock_.world_after_ms(when, [this] { add_delivery(); });
  }
}

bool SimulatedFirehose::settled() const {
  return planned_ == 0 && std::all_of(deliveries_.begin(), deliveries_.end(),
                                      [](const SentDelivery& delivery) { return delivery.settled; });
}

void SimulatedFirehose::add_delivery() {
  --planned_;
  SentDelivery delivery;
  delivery.request_ms = clock_.true_ms();
  delivery.request_id = "request-" + std::to_string(++serial_);
  // Somebody's script with a fixed id: other content, so other data.
  delivery.used_id = !deliveries_.empty() && chance(0.05);
  if (delivery.used_id) delivery.request_id = deliveries_[maker_.below(deliveries_.size())].request_id;
  delivery.broken = chance(0.03);
  if (delivery.broken)
    delivery.records = {base64_of("a line that nobody expects"), "not base64!"};
  else
    for (uint64_t left = maker_.below(5); left > 0; --left) add_record(delivery);
  deliveries_.push_back(std::move(delivery));
  attempt(deliveries_.size() - 1);
}

void SimulatedFirehose::add_record(SentDelivery& delivery) {
  const uint64_t kind = maker_.below(100);
  if (kind < 55) return add_cloudwatch(delivery);
  if (kind < 67) return add_cloudwatch_again(delivery);
  if (kind < 82) return add_text(delivery);
  if (kind < 92) return add_poison(delivery);
  if (kind < 97) return delivery.records.push_back(record_of(control_message()));
  delivery.records.push_back({});
}

// Events of now, of hours ago, or of both sides of an hour's end.
void SimulatedFirehose::add_cloudwatch(SentDelivery& delivery) {
  int64_t around_ms = clock_.true_ms() - 10'000;
  if (chance(0.3)) around_ms -= static_cast<int64_t>(maker_.below(3)) * kHourMs;
  if (chance(0.2)) around_ms += kHourMs - around_ms % kHourMs - 5'000;
  const MadeEnvelope envelope = maker_.envelope(chance(0.1) ? 40 : 5, around_ms);
  SentRecord record{record_of(envelope.json()), {}};
  for (const MadeEvent& event : envelope.events) {
    expect(delivery, event.id, {hour_of(event.timestamp_ms), event.message, event.timestamp_ms});
    record.identities.push_back(event.id);
  }
  delivery.records.push_back(record.base64);
  cloudwatch_.push_back(std::move(record));
}

void SimulatedFirehose::add_cloudwatch_again(SentDelivery& delivery) {
  if (cloudwatch_.empty()) return;
  const bool latest = chance(0.5);  // its first try may be on its way yet
  const SentRecord& record = latest ? cloudwatch_.back() : cloudwatch_[maker_.below(cloudwatch_.size())];
  delivery.records.push_back(record.base64);
  delivery.identities.insert(delivery.identities.end(), record.identities.begin(), record.identities.end());
}

void SimulatedFirehose::add_text(SentDelivery& delivery) {
  std::string text;
  for (uint64_t left = 1 + maker_.below(3); left > 0; --left) {
    const bool common = !delivery.used_id && chance(0.4);
    const std::string line = common ? "heartbeat" : "line " + std::to_string(++serial_);
    text += line + "\n";
    expect(delivery, text_identity(delivery.request_id, line),
           {hour_of(delivery.request_ms), line, delivery.request_ms});
  }
  delivery.records.push_back(base64_of(text));
}

void SimulatedFirehose::add_poison(SentDelivery& delivery) {
  const std::string number = std::to_string(++serial_);
  const std::string broken[] = {"\x1f\x8b\x08 not gzip " + number,
                                R"({"messageType":"DATA_MESSAGE","owner":"1","logEvents":[{"id":")" + number,
                                std::string("\x00\x01\xff\xfe", 4) + number};
  delivery.records.push_back(base64_of(broken[maker_.below(3)]));
  expect(delivery, dead_letter_identity(delivery.request_id, delivery.records.back()),
         {"dead-letters/" + hour_of(delivery.request_ms), {}, delivery.request_ms});
}

// What may turn up in the archive, and must once the delivery is acknowledged.
void SimulatedFirehose::expect(SentDelivery& delivery, const std::string& identity, SentEvent event) {
  const bool twice = std::count(delivery.identities.begin(), delivery.identities.end(), identity) > 0;
  if (twice)
    ++ledger_.at(identity).copies;
  else
    ledger_.insert_or_assign(identity, std::move(event));
  delivery.identities.push_back(identity);
}

void SimulatedFirehose::attempt(size_t index) {
  SentDelivery& sent = deliveries_[index];
  ++sent.tries;
  Delivery delivery;
  delivery.request_id = sent.request_id;
  delivery.request_ms = sent.request_ms;
  delivery.arrived_ms = clock_.wall_ms();
  std::vector<size_t> starts;
  for (const std::string& record : sent.records) {
    starts.push_back(delivery.body.size());
    delivery.body.append(record);
  }
  for (size_t i = 0; i < starts.size(); ++i)
    delivery.records.push_back(delivery.body.view().substr(starts[i], sent.records[i].size()));
  const bool listened =
      send_(std::move(delivery), [this, index](Result<> answer) { answered(index, answer); });
  if (!listened) return again_within(index, 20'000);
  // No answer comes when the process dies over it; and patience ends early sometimes.
  clock_.world_after_ms(chance(0.1) ? 2'000 : kPatienceMs, [this, index, tries = sent.tries] {
    if (!deliveries_[index].settled && deliveries_[index].tries == tries) attempt(index);
  });
}

void SimulatedFirehose::answered(size_t index, const Result<>& answer) {
  SentDelivery& delivery = deliveries_[index];
  if (answer && delivery.broken) wrong_answer_ = delivery.request_id + " is broken and was acknowledged";
  if (answer) {
    acknowledged(delivery);
    if (!calm_ && chance(0.15)) return;  // lost on its way: patience will end
    delivery.settled = true;
    if (!calm_ && chance(0.15)) again_within(index, 600'000);
    return;
  }
  if (answer.error().kind == ErrorKind::invalid) {
    if (!delivery.broken) wrong_answer_ = delivery.request_id + " was refused: " + answer.error().what;
    delivery.settled = true;
    return;
  }
  again_within(index, 20'000);
}

void SimulatedFirehose::acknowledged(SentDelivery& delivery) {
  delivery.acknowledged = true;
  for (const std::string& identity : delivery.identities) ledger_.at(identity).acknowledged = true;
  on_acknowledged_(delivery);
}

void SimulatedFirehose::again_within(size_t index, int64_t most_ms) {
  const auto delay_ms = static_cast<int64_t>(1 + maker_.below(static_cast<uint64_t>(most_ms)));
  clock_.world_after_ms(delay_ms, [this, index] { attempt(index); });
}

}  // namespace cistern::test

#include "pipeline/decode/delivery_framer.h"

#include <cstring>
#include <exception>
#include <new>
#include <unordered_set>

#include "pipeline/digest.h"

namespace cistern {
namespace {

constexpr std::array<const char*, 5> kKindNames{"empty", "control", "cloudwatch", "text", "undecodable"};

// The journal's own seed: digests are compared with those that this journal remembers, and with no others.
uint64_t seed_of(const std::string& journal_id) {
  const auto digest = digest128(journal_id, 0);
  uint64_t seed = 0;
  std::memcpy(&seed, digest.data(), sizeof seed);
  return seed;
}

// Of the records as they came, in their order: what tells a repeat from new content under a used request id.
Digest128 content_of(const std::vector<std::string_view>& records, uint64_t seed) {
  std::string digests;
  digests.reserve(records.size() * sizeof(Digest128));
  for (const std::string_view record : records) {
    const Digest128 digest = digest128(record, seed);
    digests.append(reinterpret_cast<const char*>(digest.data()), digest.size());
  }
  return digest128(digests, seed);
}

struct DigestHash {
  size_t operator()(const Digest128& digest) const {
    size_t hash = 0;
    std::memcpy(&hash, digest.data(), sizeof hash);
    return hash;
  }
};

// A record that was decoded and would cost too much is treated as one that was not.
void refuse_if_too_large(FrameBuilder& frames, DecodedRecord& record) {
  auto refused = frames.admit(record.envelopes);
  if (!refused) return;
  record.kind = RecordKind::undecodable;
  record.reason = refused->reason;
  record.why = std::move(refused->why);
  record.envelopes = {};
}

}  // namespace

void DeliveryTally::count(const DecodedRecord& record, bool repeated) {
  ++records[static_cast<size_t>(record.kind)];
  log_bytes += record.log_bytes;
  if (record.kind == RecordKind::undecodable) dead_letters.push_back(record.reason);
  if (repeated) {
    ++repeated_records;
  } else {
    for (const Envelope& envelope : record.envelopes) events += envelope.events.size();
  }
}

void DeliveryTally::add_to(Metrics& metrics) const {
  for (size_t kind = 0; kind < records.size(); ++kind) {
    if (records[kind] > 0) metrics.records.of(kKindNames[kind]).Increment(static_cast<double>(records[kind]));
  }
  for (const DeadLetterReason reason : dead_letters)
    metrics.dead_letters.of(dead_letter_reason_name(reason)).Increment();
  if (repeated_records > 0) metrics.repeats.of("record").Increment(static_cast<double>(repeated_records));
  metrics.events.Increment(static_cast<double>(events));
  metrics.log_bytes.Increment(static_cast<double>(log_bytes));
  metrics.line_bytes.Increment(static_cast<double>(line_bytes));
  metrics.frame_bytes.Increment(static_cast<double>(frame_bytes));
}

struct DeliveryFramer::Scratch {
  Scratch(std::shared_ptr<const FramingRules> by, uint64_t seed, std::mutex& large_record)
      : rules(std::move(by)),
        decoder(rules->limits, seed, large_record),
        frames(rules->format, rules->limits) {}
  const std::shared_ptr<const FramingRules> rules;
  RecordDecoder decoder;
  FrameBuilder frames;
  std::unordered_set<Digest128, DigestHash> digests;  // of this delivery's CloudWatch records
};

// Gives the scratch back when the delivery is done; drops it when there was not the memory to finish.
class DeliveryFramer::Lease {
 public:
  explicit Lease(DeliveryFramer& owner) : owner_(owner), scratch_(owner.take_scratch()) {}
  ~Lease() {
    const bool keep = std::uncaught_exceptions() == 0;
    if (keep) {
      scratch_->decoder.end_delivery();
      scratch_->frames.drop();
    }
    const std::lock_guard lock(owner_.mutex_);
    --owner_.lent_;
    if (keep && scratch_->rules == owner_.rules_) owner_.spare_.push_back(std::move(scratch_));
  }
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  Scratch* operator->() { return scratch_.get(); }
  Scratch& operator*() { return *scratch_; }

 private:
  DeliveryFramer& owner_;
  std::unique_ptr<Scratch> scratch_;
};

DeliveryFramer::DeliveryFramer(const Limits& limits, std::shared_ptr<const FrameFormat> format,
                               const Journal& journal)
    : journal_(journal),
      digest_seed_(seed_of(journal.id())),
      rules_(std::make_shared<const FramingRules>(FramingRules{limits, std::move(format)})) {}

DeliveryFramer::~DeliveryFramer() = default;

void DeliveryFramer::use(const Limits& limits, std::shared_ptr<const FrameFormat> format) {
  auto rules = std::make_shared<const FramingRules>(FramingRules{limits, std::move(format)});
  std::vector<std::unique_ptr<Scratch>> old;  // ends without the lock
  const std::lock_guard lock(mutex_);
  rules_ = std::move(rules);
  old.swap(spare_);
}

size_t DeliveryFramer::scratch_bytes() const {
  const std::lock_guard lock(mutex_);
  size_t bytes = 0;
  for (const auto& scratch : spare_) {
    bytes += scratch->decoder.scratch_bytes() + scratch->frames.scratch_bytes();
  }
  return bytes;
}

std::unique_ptr<DeliveryFramer::Scratch> DeliveryFramer::take_scratch() {
  std::shared_ptr<const FramingRules> rules;
  std::unique_ptr<Scratch> scratch = take_spare(rules);
  if (!scratch) scratch = std::make_unique<Scratch>(std::move(rules), digest_seed_, large_record_);
  const std::lock_guard lock(mutex_);
  spare_.reserve(spare_.size() + lent_ + 1);  // now, because a lease ends where nothing may be thrown
  ++lent_;
  return scratch;
}

std::unique_ptr<DeliveryFramer::Scratch> DeliveryFramer::take_spare(
    std::shared_ptr<const FramingRules>& rules) {
  const std::lock_guard lock(mutex_);
  rules = rules_;
  if (spare_.empty()) return nullptr;
  auto scratch = std::move(spare_.back());
  spare_.pop_back();
  return scratch;
}

Result<FramedDelivery> DeliveryFramer::frame(const Delivery& delivery, Level level) {
  try {
    return frame_whole(delivery, level);
  } catch (const std::bad_alloc&) {
    return busy("not enough memory for this delivery now: send it again");
  }
}

Result<FramedDelivery> DeliveryFramer::frame_whole(const Delivery& delivery, Level level) {
  Lease scratch(*this);
  scratch->decoder.begin_delivery(delivery.request_ms);
  scratch->frames.begin(delivery, level);
  scratch->digests.clear();
  FramedDelivery framed;
  framed.entry.request_id = delivery.request_id;
  framed.entry.content = content_of(delivery.records, digest_seed_);
  framed.entry.arrived_ms = delivery.arrived_ms;
  for (size_t i = 0; i < delivery.records.size(); ++i) {
    CISTERN_TRY(DecodedRecord record, scratch->decoder.decode(delivery.records[i]));
    const bool repeated = is_repeat(*scratch, record);
    if (!repeated) refuse_if_too_large(scratch->frames, record);
    if (record.kind == RecordKind::undecodable) {
      scratch->frames.add_dead_letter(record.reason, record.why, i, delivery.records[i]);
    }
    framed.tally.count(record, repeated);
    if (repeated)
      framed.repeated.push_back(record.digest);
    else
      add_record(*scratch, record, framed.entry);
  }
  framed.entry.frames = scratch->frames.finish();
  for (const Frame& frame : framed.entry.frames) {
    framed.tally.line_bytes += frame.info.raw_bytes;
    framed.tally.frame_bytes += frame.bytes->size();
  }
  return framed;
}

// CloudWatch events carry unique ids: the same record again, here or under another request id, is a repeat.
bool DeliveryFramer::is_repeat(const Scratch& scratch, const DecodedRecord& record) const {
  if (record.kind != RecordKind::cloudwatch) return false;
  return scratch.digests.contains(record.digest) || journal_.seen(record.digest);
}

void DeliveryFramer::add_record(Scratch& scratch, const DecodedRecord& record, JournalEntry& entry) {
  if (record.kind == RecordKind::cloudwatch) {
    scratch.digests.insert(record.digest);
    entry.records.push_back(record.digest);
  }
  for (const Envelope& envelope : record.envelopes) scratch.frames.add(envelope);
}

}  // namespace cistern

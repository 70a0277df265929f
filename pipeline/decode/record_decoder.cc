// Decides by bytes what a record is, and collects its events as views: into the datum, its gunzipped form, or
// the escaped lines of bare text, all of which live in the scratch until the next record.

#include "pipeline/decode/record_decoder.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include <simdjson.h>

#include "pipeline/codec.h"
#include "pipeline/decode/bare_text.h"
#include "pipeline/decode/envelope_parser.h"
#include "pipeline/decode/json_check.h"
#include "pipeline/decode/json_text.h"
#include "pipeline/digest.h"
#include "pipeline/json_index.h"

namespace cistern {
namespace {

constexpr size_t kKeptScratch = RecordDecoder::kLargeRecord;  // scratch beyond it is given back

bool begins_gzip(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

bool is_utf8(std::string_view bytes) { return simdjson::validate_utf8(bytes.data(), bytes.size()); }

bool contains(std::string_view text, std::string_view wanted) {
  return ::memmem(text.data(), text.size(), wanted.data(), wanted.size()) != nullptr;
}

// Whether it is worth reading as JSON documents. Lines of JSON that are not envelopes are common, and told
// from them by what they do not contain; \u, because names may be spelled with escapes.
bool may_hold_envelope(std::string_view log) {
  return skip_json_space(log).starts_with('{') &&
         (contains(log, "messageType") || contains(log, "logEvents") || contains(log, "\\u"));
}

template <class T>
size_t bytes_of(const std::vector<T>& vector) {
  return vector.capacity() * sizeof(T);
}
// What text takes to be told apart, line by line, and escaped.
uint64_t text_scratch_bytes(std::string_view text) {
  if (text.size() * sizeof(LogEvent) <= RecordDecoder::kLargeRecord) return 0;
  const auto lines = static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
  return std::max<uint64_t>(lines * sizeof(LogEvent), escaped_size(text));
}

// Of a vector that was cleared.
template <class T>
void give_back(std::vector<T>& vector) {
  if (bytes_of(vector) > kKeptScratch) std::vector<T>().swap(vector);
}

}  // namespace

struct RecordDecoder::Scratch {
  Scratch(const Limits& given, uint64_t seed, std::mutex& large_record)
      : limits(given),
        digest_seed(seed),
        delivery_left(given.delivery_log_bytes),
        parser(given.json_depth),
        bare_text(given),
        large(large_record, std::defer_lock) {}

  void begin_record();
  void takes(uint64_t bytes);
  std::optional<DeadLetter> decode_log(std::string_view datum);
  std::optional<DeadLetter> inflate(std::string_view gzip, Buffer& out);
  std::optional<DeadLetter> read_log(std::string_view log);
  std::optional<DeadLetter> read_documents(std::string_view log);
  std::optional<DeadLetter> not_json(std::string_view rest, uint64_t document);
  ParsedDocument take_document(std::string_view document);
  std::optional<DeadLetter> refuse(const ParsedDocument& parsed, uint64_t document) const;
  std::optional<DeadLetter> take_text(std::string_view text, std::string_view log);
  void forget();
  RecordKind kind() const;
  std::span<const Envelope> hand_out();

  const Limits limits;
  const uint64_t digest_seed;
  int64_t request_ms = 0;
  uint64_t delivery_left;

  Buffer datum;
  Buffer inflated;
  Buffer inflated_again;
  Gunzip gunzip;
  EnvelopeParser parser;
  BareText bare_text;

  // Of the current record. Envelopes get their events' span last, when `events` moves no more.
  std::vector<Envelope> envelopes;
  std::vector<size_t> first_events;  // where each envelope's events begin in `events`
  std::vector<LogEvent> events;
  uint64_t control_messages = 0;
  bool any_envelope = false;  // data or control
  uint64_t log_bytes = 0;

  std::unique_lock<std::mutex> large;  // held while the current record is a large one
};

void RecordDecoder::Scratch::begin_record() {
  for (Buffer* buffer : {&datum, &inflated, &inflated_again}) buffer->renew(kKeptScratch);
  log_bytes = 0;
  forget();
  give_back(events);
  give_back(envelopes);
  give_back(first_events);
  if (large.owns_lock()) large.unlock();
}

// Asked before memory is taken, and answered once the record may: nothing else is waited for meanwhile.
void RecordDecoder::Scratch::takes(uint64_t bytes) {
  if (bytes > kLargeRecord && !large.owns_lock()) large.lock();
}

// What was collected of the current record, as if it had not begun.
void RecordDecoder::Scratch::forget() {
  envelopes.clear();
  first_events.clear();
  events.clear();
  bare_text.begin();
  control_messages = 0;
  any_envelope = false;
}

std::optional<DeadLetter> RecordDecoder::Scratch::decode_log(std::string_view bytes) {
  for (Buffer* out : {&inflated, &inflated_again}) {
    if (!begins_gzip(bytes)) break;
    if (auto dead = inflate(bytes, *out)) return dead;
    (out == &inflated ? datum : inflated).renew(kKeptScratch);  // what was inflated is done with
    bytes = out->view();
  }
  if (begins_gzip(bytes)) return DeadLetter{DeadLetterReason::bad_gzip, "gzip in gzip in gzip"};
  if (bytes.data() == datum.data()) delivery_left -= std::min<uint64_t>(delivery_left, bytes.size());
  log_bytes = bytes.size();
  return read_log(bytes);
}

std::optional<DeadLetter> RecordDecoder::Scratch::inflate(std::string_view gzip, Buffer& out) {
  const uint64_t bound = std::min(limits.inflated_record_bytes, delivery_left);
  const Gunzip::Grow grow = [this](uint64_t bytes) -> Result<> {
    takes(bytes);
    return ok();
  };
  const Result<> outcome = gunzip.run(gzip, bound, out, grow);
  // A failure is charged with all that it may have cost, or a delivery of nothing but bombs would be free.
  const uint64_t cost = outcome ? out.size() : std::min(bound, kMostInflation * gzip.size());
  delivery_left -= cost;
  if (outcome) return std::nullopt;
  const bool too_large = outcome.error().kind == ErrorKind::busy;
  return DeadLetter{too_large ? DeadLetterReason::inflates_too_large : DeadLetterReason::bad_gzip,
                    outcome.error().what};
}

std::optional<DeadLetter> RecordDecoder::Scratch::read_log(std::string_view log) {
  if (may_hold_envelope(log)) {
    if (auto dead = read_documents(log)) return dead;
    if (any_envelope) return std::nullopt;
  }
  const bool utf8 = is_utf8(log);
  if (is_binary(log, utf8)) return DeadLetter{DeadLetterReason::binary, "neither text nor gzip"};
  if (!utf8) return DeadLetter{DeadLetterReason::invalid_utf8, "text that is not UTF-8"};
  forget();
  return take_text(log, log);
}

// Without an envelope in it (any_envelope), the log is left to be taken as text.
std::optional<DeadLetter> RecordDecoder::Scratch::read_documents(std::string_view log) {
  // Its index would take more memory than the record may. One of empty messages stays below.
  if (log.size() > RecordDecoder::kLargeRecord && json_index_bytes(log) > limits.inflated_record_bytes) {
    return DeadLetter{DeadLetterReason::inflates_too_large, "JSON of hardly anything but structure"};
  }
  // Nearly always the log is one document: it is then not looked at to find its end.
  const ParsedDocument whole = take_document(log);
  if (whole.kind != DocumentKind::not_json) return refuse(whole, 1);
  uint64_t number = 0;
  for (std::string_view rest = skip_json_space(log); !rest.empty();) {
    ++number;
    const std::string_view document = first_json_document(rest);
    if (!rest.starts_with('{') || document.empty()) return not_json(rest, number);
    const ParsedDocument parsed = take_document(document);
    if (parsed.kind == DocumentKind::not_json) return not_json(rest, number);
    if (auto dead = refuse(parsed, number)) return dead;
    if (parsed.kind == DocumentKind::other) {
      if (auto dead = take_text(document, log)) return dead;
    }
    rest = skip_json_space(rest.substr(document.size()));
  }
  return std::nullopt;
}

std::optional<DeadLetter> RecordDecoder::Scratch::not_json(std::string_view rest, uint64_t document) {
  if (!is_utf8(rest)) {
    any_envelope = false;
    return std::nullopt;  // read_log names it
  }
  if (!any_envelope && !begins_like_envelope(rest)) return std::nullopt;
  return DeadLetter{DeadLetterReason::bad_json,
                    "document " + std::to_string(document) + " is cut off, nested too deep, or not JSON"};
}

ParsedDocument RecordDecoder::Scratch::take_document(std::string_view document) {
  Envelope envelope;
  const size_t first = events.size();
  const ParsedDocument parsed = parser.parse(document, limits.events_per_record - first, envelope, events);
  const bool control = parsed.kind == DocumentKind::control;
  control_messages += control ? 1 : 0;
  any_envelope = any_envelope || control || parsed.kind == DocumentKind::data;
  if (events.size() > first) {
    envelopes.push_back(envelope);
    first_events.push_back(first);
  }
  return parsed;
}

std::optional<DeadLetter> RecordDecoder::Scratch::refuse(const ParsedDocument& parsed,
                                                         uint64_t document) const {
  if (parsed.kind == DocumentKind::bad_envelope) {
    return DeadLetter{DeadLetterReason::bad_envelope,
                      "document " + std::to_string(document) + ": " + parsed.why};
  }
  if (parsed.kind == DocumentKind::too_many_events) {
    return DeadLetter{DeadLetterReason::too_many_events,
                      "more than " + std::to_string(limits.events_per_record) + " log events"};
  }
  return std::nullopt;
}

std::optional<DeadLetter> RecordDecoder::Scratch::take_text(std::string_view text, std::string_view log) {
  const size_t first = events.size();
  takes(text_scratch_bytes(text));
  if (auto dead = bare_text.append_events(text, log, request_ms, events)) return dead;
  if (events.size() > first) {
    envelopes.emplace_back();
    first_events.push_back(first);
  }
  return std::nullopt;
}

RecordKind RecordDecoder::Scratch::kind() const {
  if (!any_envelope) return RecordKind::text;
  return envelopes.empty() && control_messages > 0 ? RecordKind::control : RecordKind::cloudwatch;
}

std::span<const Envelope> RecordDecoder::Scratch::hand_out() {
  for (size_t i = 0; i < envelopes.size(); ++i) {
    const size_t end = i + 1 < envelopes.size() ? first_events[i + 1] : events.size();
    envelopes[i].events = std::span(events).subspan(first_events[i], end - first_events[i]);
  }
  return envelopes;
}

RecordDecoder::RecordDecoder(const Limits& limits, uint64_t digest_seed, std::mutex& large_record)
    : scratch_(std::make_unique<Scratch>(limits, digest_seed, large_record)) {}
RecordDecoder::~RecordDecoder() = default;

void RecordDecoder::begin_delivery(int64_t request_ms) {
  scratch_->request_ms = request_ms;
  scratch_->delivery_left = scratch_->limits.delivery_log_bytes;
}

void RecordDecoder::end_delivery() { scratch_->begin_record(); }

size_t RecordDecoder::scratch_bytes() const {
  const Scratch& scratch = *scratch_;
  return scratch.datum.capacity() + scratch.inflated.capacity() + scratch.inflated_again.capacity() +
         scratch.bare_text.scratch_bytes() + bytes_of(scratch.events) + bytes_of(scratch.envelopes) +
         bytes_of(scratch.first_events);
}

Result<DecodedRecord> RecordDecoder::decode(std::string_view base64) {
  Scratch& scratch = *scratch_;
  scratch.begin_record();
  scratch.takes(base64.size() / 4 * 3);
  CISTERN_TRY(base64_decode(base64, scratch.datum));
  DecodedRecord record;
  if (scratch.datum.empty()) return record;
  record.digest = digest128(scratch.datum.view(), scratch.digest_seed);
  if (auto dead = scratch.decode_log(scratch.datum.view())) {
    record.kind = RecordKind::undecodable;
    record.reason = dead->reason;
    record.why = std::move(dead->why);
    return record;
  }
  record.kind = scratch.kind();
  record.envelopes = scratch.hand_out();
  record.control_messages = scratch.control_messages;
  record.log_bytes = scratch.log_bytes;
  return record;
}

}  // namespace cistern

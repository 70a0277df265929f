#include "server/send/nasty_record.h"

#include <utility>

#include "server/send/envelope_writer.h"

namespace cistern {
namespace {

using namespace std::string_view_literals;

std::string json_of(const SentEnvelope& envelope) {
  std::string json;
  write_envelope(envelope, json);
  return json;
}

// Every byte is wrong somewhere in UTF-8, and the first two are not gzip's.
std::string binary(SendRng& rng) {
  std::string bytes("\x00\xff\xfe\x80", 4);
  for (uint64_t left = 20 + rng.below(200); left > 0; --left) bytes += static_cast<char>(rng.below(256));
  return bytes;
}

void fill_up(std::string& message, size_t size, SendRng& rng) {
  if (message.size() >= size) return;
  while (message.size() < size) message += " and on, " + std::to_string(rng.below(1000));
  message.resize(size);
}

}  // namespace

SentEnvelope NastyRecords::another(const SentEnvelope& envelope) {
  SentEnvelope copy = envelope;
  copy.log_stream += "/second";
  ids_.begin_envelope();
  for (SentEvent& event : copy.events) event.id = ids_.next(event.timestamp_ms);
  return copy;
}

SentRecord NastyRecords::two_envelopes(NastyKind kind, SentEnvelope envelope) {
  SentRecord record;
  SentEnvelope second = another(envelope);
  const std::string a = json_of(envelope);
  const std::string b = json_of(second);
  record.log_bytes = a.size() + b.size();
  switch (kind) {
    case NastyKind::envelopes_by_newline:
      record.datum = gzip_record(gzip_, a + '\n' + b + '\n');
      break;
    case NastyKind::envelopes_joined:
      record.datum = gzip_record(gzip_, a + b);
      break;
    default:
      record.datum = gzip_record(gzip_, a) + gzip_record(gzip_, b);
  }
  record.envelopes.push_back(std::move(envelope));
  record.envelopes.push_back(std::move(second));
  return record;
}

SentRecord NastyRecords::dead(NastyKind kind, const SentEnvelope& envelope) {
  SentRecord record;
  record.dead = true;
  const std::string json = json_of(envelope);
  if (kind == NastyKind::not_gzip) {
    record.datum = binary(rng_);
  } else if (kind == NastyKind::broken_json) {
    record.datum = gzip_record(gzip_, json.substr(0, json.size() - 2));
  } else {
    record.datum = gzip_record(gzip_, json);
    record.datum.resize(record.datum.size() - 5);  // into the trailer's checksum
  }
  return record;
}

SentRecord NastyRecords::bare_text(const SentEnvelope& envelope, int64_t request_ms) {
  SentRecord record;
  SentEnvelope lines;
  for (const SentEvent& event : envelope.events) {
    // Metadata is gone, and so is what told an inner newline from the end of a message.
    std::string line = event.message.substr(0, event.message.find('\n'));
    line.insert(0, "bare text: ");  // not to be taken for JSON
    record.datum += line + '\n';
    lines.events.push_back({"", request_ms, std::move(line)});
  }
  record.log_bytes = record.datum.size();
  record.envelopes.push_back(std::move(lines));
  return record;
}

SentRecord NastyRecords::unusual(NastyKind kind, SentEnvelope envelope) {
  SentRecord record;
  std::string& message = envelope.events.front().message;
  if (kind == NastyKind::huge_message) fill_up(message, 1u << 20, rng_);
  if (kind == NastyKind::lone_surrogate) message += "half a pair: \xed\xa0\xbd, the other half: \xed\xb8\x80";
  if (kind == NastyKind::nul_escape) message += " a NUL: \0, a bell: \a, U+2028: \u2028"sv;
  envelope.unknown_members = kind == NastyKind::unknown_members;
  envelope.account_policy = envelope.system_fields = kind == NastyKind::account_policy;
  std::string json = json_of(envelope);
  record.log_bytes = json.size();
  if (kind == NastyKind::control_and_events) {
    std::string control;
    write_control_message(envelope.events.front().timestamp_ms, control);
    json = rng_.chance(0.5) ? control + json : json + '\n' + control;
    record.control_messages = 1;
  }
  record.datum = kind == NastyKind::decompressed ? std::move(json) : gzip_record(gzip_, json);
  record.envelopes.push_back(std::move(envelope));
  return record;
}

SentRecord NastyRecords::make(NastyKind kind, SentEnvelope envelope, int64_t request_ms) {
  switch (kind) {
    case NastyKind::corrupt_gzip:
    case NastyKind::not_gzip:
    case NastyKind::broken_json:
      return dead(kind, envelope);
    case NastyKind::envelopes_by_newline:
    case NastyKind::envelopes_joined:
    case NastyKind::gzip_members:
      return two_envelopes(kind, std::move(envelope));
    case NastyKind::empty:
      return {};
    case NastyKind::bare_text:
      return bare_text(envelope, request_ms);
    default:
      return unusual(kind, std::move(envelope));
  }
}

}  // namespace cistern

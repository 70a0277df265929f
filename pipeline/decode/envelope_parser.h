// One JSON document -> one CloudWatch Logs envelope, as views of its text. simdjson's on-demand parser finds
// the structure; values are taken as the text they are, never unescaped.
//
// What makes an envelope: an object with `messageType` and `logEvents`, or with a messageType of
// DATA_MESSAGE or CONTROL_MESSAGE. Then owner, logGroup and logStream must be strings, logEvents an array of
// objects with string `id`, integer `timestamp` and string `message`; subscriptionFilters (array),
// policyLevel (string) and extractedFields (object) may be missing or null. Order is free, unknown members
// are passed over at every level, a known member that stands twice makes the envelope bad.
//
// Every line repeats what stands in its envelope once: owner, logGroup, logStream and policyLevel are at most
// 4 096 bytes as they came, escapes included (AWS's own bound is 512 characters), subscriptionFilters 16 KiB.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "pipeline/log_event.h"

namespace cistern {

inline constexpr size_t kMostEnvelopeNameBytes = 4096;
inline constexpr size_t kMostFiltersBytes = 16 * 1024;

enum class DocumentKind {
  data,             // an envelope with log events
  control,          // a control message; its events are not handed out
  other,            // JSON, but not an envelope
  not_json,         // not exactly one JSON object, or not UTF-8, or nested too deep
  bad_envelope,     // an envelope that breaks the rules above: see `why`
  too_many_events,  // more than `max_events`
};

struct ParsedDocument {
  DocumentKind kind = DocumentKind::not_json;
  const char* why = "";  // bad_envelope: for a person; static text
};

// Holds scratch memory that is reused: one per worker thread, not shared.
class EnvelopeParser {
 public:
  explicit EnvelopeParser(uint64_t max_depth);
  ~EnvelopeParser();
  EnvelopeParser(EnvelopeParser&&) = delete;

  // `json` may be read kPadding bytes past its end. `data` fills `envelope` (but for its `events`) and
  // appends the events to `events`; every other kind leaves `events` as it was. Linear in the text.
  ParsedDocument parse(std::string_view json, uint64_t max_events, Envelope& envelope,
                       std::vector<LogEvent>& events);

 private:
  struct Scratch;
  std::unique_ptr<Scratch> scratch_;
};

// Whether text that is not valid JSON was meant to be an envelope: its first member has one of the
// envelope's names, and messageType or logEvents stands somewhere.
bool begins_like_envelope(std::string_view text);

}  // namespace cistern

// Records out of the ordinary: each kind was met in the field or is allowed by the protocol. They are what an
// endpoint must not stumble over.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/codec.h"
#include "server/send/send_ids.h"
#include "server/send/send_rng.h"
#include "server/send/sent_envelope.h"

namespace cistern {

// What one record is made of and what may be expected of an archive afterwards.
struct SentRecord {
  std::string datum;                    // the record's bytes, before base64
  std::vector<SentEnvelope> envelopes;  // whose events an archive must hold
  uint64_t control_messages = 0;
  uint64_t log_bytes = 0;  // decompressed
  bool dead = false;       // cannot be decoded: belongs to the dead letters, its events nowhere
};

enum class NastyKind {
  corrupt_gzip,          // begins like gzip, breaks off
  not_gzip,              // binary, neither gzip nor text
  broken_json,           // good gzip around half an envelope
  envelopes_by_newline,  // two envelopes in one record
  envelopes_joined,      // the same without a separator
  gzip_members,          // two envelopes, each its own gzip member
  control_and_events,    // a control message and an envelope
  empty,                 // no bytes at all
  bare_text,             // what message extraction leaves: lines without any metadata
  decompressed,          // an envelope that Firehose has already gunzipped
  unknown_members,
  account_policy,  // policyLevel and extractedFields
  huge_message,    // 1 MiB in one event
  lone_surrogate,
  nul_escape,
};
constexpr uint64_t kNastyKinds = 15;

// Makes the parts of a nasty record from `template_envelope` (one envelope with at least one event, whose ids
// are unique); `request_ms` is what bare text gets as its time.
class NastyRecords {
 public:
  NastyRecords(uint64_t seed, EventIds& ids, Gzip& gzip) : rng_(seed), ids_(ids), gzip_(gzip) {}
  SentRecord make(NastyKind kind, SentEnvelope envelope, int64_t request_ms);

 private:
  SentEnvelope another(const SentEnvelope& envelope);
  SentRecord two_envelopes(NastyKind kind, SentEnvelope envelope);
  SentRecord dead(NastyKind kind, const SentEnvelope& envelope);
  SentRecord bare_text(const SentEnvelope& envelope, int64_t request_ms);
  SentRecord unusual(NastyKind kind, SentEnvelope envelope);

  SendRng rng_;
  EventIds& ids_;
  Gzip& gzip_;
};

}  // namespace cistern

// One record's datum -> log events: base64, gunzip (several members), then by its first bytes: CloudWatch
// envelopes (one or several, newline-separated or directly concatenated), or bare text, a line an event.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "pipeline/dead_letter.h"
#include "pipeline/journal.h"
#include "pipeline/limits.h"
#include "pipeline/log_event.h"
#include "pipeline/result.h"

namespace cistern {

enum class RecordKind {
  empty,       // no bytes: legal, nothing to store
  control,     // only CloudWatch control messages: acknowledged and counted, not stored
  cloudwatch,  // at least one envelope with log events
  text,        // neither gzip nor envelope: lines without an event time of their own
  undecodable  // see `reason`: goes to the dead letters whole
};

struct DecodedRecord {
  RecordKind kind = RecordKind::empty;
  std::span<const Envelope> envelopes;  // valid until the next decode()
  uint64_t control_messages = 0;
  uint64_t log_bytes = 0;  // decompressed bytes
  Digest128
      digest{};  // of the datum after base64, keyed with the process-independent seed given at construction
  DeadLetterReason reason{};
  std::string why;  // undecodable: for a person
};

// Holds scratch memory that is reused: one per worker thread, not shared.
class RecordDecoder {
 public:
  RecordDecoder(const Limits& limits, uint64_t digest_seed);
  ~RecordDecoder();
  RecordDecoder(RecordDecoder&&) = delete;

  // A new delivery begins: what its records may inflate to all together is counted from here.
  void begin_delivery(int64_t request_ms);
  // `base64` may be read kPadding bytes past its end. Error `invalid`: the base64 itself is broken.
  Result<DecodedRecord> decode(std::string_view base64);

 private:
  struct Scratch;
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace cistern

// One record's datum -> log events: base64, then by the bytes themselves. Firehose does not say what a record
// holds, and a stream may carry several kinds, so that nothing is configured:
//
//   nothing                        -> empty
//   1f 8b                          -> gunzip, all members; what is gzip again inside, once more
//   first non-space byte {         -> JSON documents, newline-separated or one right after the other:
//   CloudWatch
//                                     envelopes; other documents among them are bare text
//   anything else                  -> bare text, one event a line; a CR or a space is part of its line
//
// All or nothing: a record of which any part cannot be decoded is `undecodable` whole. Gzip that is broken,
// and JSON that begins like an envelope and is broken, are never taken for text.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "pipeline/decode/dead_letter.h"
#include "pipeline/digest.h"
#include "pipeline/limits.h"
#include "pipeline/log_event.h"
#include "pipeline/result.h"

namespace cistern {

enum class RecordKind {
  empty,       // no bytes: legal, nothing to store
  control,     // only CloudWatch control messages: acknowledged and counted, not stored
  cloudwatch,  // at least one envelope with log events
  text,        // neither gzip nor envelope: lines without an event time of their own
  undecodable  // see `reason`: goes to the dead letters whole, as does what would cost too much
};

struct DecodedRecord {
  RecordKind kind = RecordKind::empty;
  std::span<const Envelope> envelopes;  // valid until the next decode(); none is without events
  uint64_t control_messages = 0;        // may stand beside envelopes
  uint64_t log_bytes = 0;               // decompressed bytes
  Digest128 digest{};                   // of the datum after base64, under the seed given at construction
  DeadLetterReason reason{};
  std::string why;  // undecodable: for a person; printable
};

// Holds scratch memory that is reused, and given back when a record made it unusually large: one per worker
// thread, not shared. Of all decoders that share a mutex only one has a record of more than kLargeRecord in
// memory at a time: the others wait for it. A gzip bomb costs at most inflated_record_bytes of memory (as
// much again for text, escaped), and all bombs of a delivery delivery_log_bytes of inflating: what a record
// inflated, or may have until it failed, counts.
class RecordDecoder {
 public:
  // Of a datum, of what it inflates to, or of what its lines take to be told apart.
  static constexpr uint64_t kLargeRecord = 4ull << 20;

  // `large_record`: see above; outlives this.
  RecordDecoder(const Limits& limits, uint64_t digest_seed, std::mutex& large_record);
  ~RecordDecoder();
  RecordDecoder(RecordDecoder&&) = delete;

  // A new delivery begins: what its records may inflate to all together is counted from here.
  void begin_delivery(int64_t request_ms);
  // `base64` may be read kPadding bytes past its end. Error `invalid`: the base64 itself is broken.
  Result<DecodedRecord> decode(std::string_view base64);
  // The delivery is done: what the last decode() handed out ends, unusually large scratch is given back.
  void end_delivery();
  size_t scratch_bytes() const;  // held for reuse, but for the parser's and the codec's own

 private:
  struct Scratch;
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace cistern

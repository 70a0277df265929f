// The account of what was sent and what was acknowledged, for tests/e2e/verify_archive.py: NDJSON, appended
// to.
//
// Before a delivery's first try, a line for everything an archive may hold afterwards:
//   {"id":"…","timestamp":1700000000000,"owner":"…","logGroup":"…","logStream":"…","sha256":"…","requestId":"…"}
//   {"dead":true,"sha256":"…","requestId":"…"}
// `sha256` is of the message after JSON unescaping, in UTF-8, a lone surrogate in its three-byte form; of a
// dead letter, of the record's bytes. Bare text has an empty id, owner, group and stream and its request's
// timestamp. When a delivery is acknowledged, and when it is given up:
//   {"requestId":"…","acknowledged":true}
// So an event is acknowledged if such a line stands anywhere in the file for its request, and one without it
// was sent perhaps. Each write is one append, made before the sender goes on: a sender that is killed has
// lost nothing that it claimed, and has claimed nothing that it had not sent. A torn last line means nothing.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "pipeline/result.h"
#include "server/send/nasty_record.h"

namespace cistern {

// Appends the lines of one record to `claims`.
void claim_record(const SentRecord& record, std::string_view request_id, std::string& claims);

// One thread.
class AcknowledgedFile {
 public:
  // Creates the file if there is none. Error `invalid`.
  static Result<std::unique_ptr<AcknowledgedFile>> open(const std::string& path);
  ~AcknowledgedFile();
  AcknowledgedFile(AcknowledgedFile&&) = delete;

  Result<> sent(std::string_view claims) { return append(claims); }
  Result<> outcome(std::string_view request_id, bool acknowledged);

 private:
  explicit AcknowledgedFile(int file) : file_(file) {}
  Result<> append(std::string_view text);

  int file_;
};

}  // namespace cistern

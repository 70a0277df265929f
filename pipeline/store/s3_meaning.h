// What an answer of S3 means: one table, from status and S3 code to the caller's next action, with what to
// look at. Pure.
#pragma once

#include <string>

#include "pipeline/result.h"
#include "pipeline/store/s3_answer.h"

namespace cistern {

enum class S3Action { put, head, get };

enum class S3Meaning {
  done,          // 2xx
  absent,        // no such object
  exists,        // already there: the conditional put was refused, the key holds an object
  retry,         // do the same again, later
  busy,          // the same, and more slowly
  wrong_region,  // the bucket lies elsewhere: followed once where the answer says where
  wrong_clock,   // signed at another time than the server's: corrected once by the answer's Date
  this_object,   // fatal for this object: it is refused for what it is; others may go through
  needs_person,  // fatal until an operator acts
};

S3Meaning meaning_of(const S3Answer& answer, S3Action action);

// Whether it says that the credentials are used up: new ones may do.
bool refuses_credentials(const S3Answer& answer);

// Where it happened, for the error's text.
struct S3Place {
  S3Action action;
  std::string bucket;
  std::string key;  // with the prefix
  std::string region;
  std::string permissions{};  // that a put needs; empty: s3:PutObject
};

// Names action, bucket, key, region, status, S3's code and message, request id, and the permission or setting
// to look at. Kinds: `busy`, `retry`, and `fatal` for what S3 will go on to refuse. Whatever it is, the data
// is kept and tried again.
Error s3_error(const S3Answer& answer, const S3Place& place);

}  // namespace cistern

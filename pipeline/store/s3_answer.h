// What an answer of S3 means: one table, from status and S3 code to the caller's next action. Pure.
#pragma once

#include <string>
#include <string_view>

#include "pipeline/result.h"
#include "pipeline/store/http_message.h"

namespace cistern {

enum class S3Action { put, head, get };

enum class S3Meaning {
  done,    // 2xx
  absent,  // no such object
  exists,  // the conditional put was refused: the key holds an object
  retry,   // do the same again, later
  fatal,   // an operator must act
};

// An answer, read: what S3 puts into its headers and its error document.
struct S3Answer {
  unsigned status = 0;
  std::string code;        // "AccessDenied"; empty when the answer has no document
  std::string message;     // S3's own words, printable and cut
  std::string region;      // that the answer names, or empty
  std::string request_id;  // for AWS's support
};

// Reads the flat <Error> document (its first 64 KiB) and the headers. A 200 whose body is an error document
// is an error. Anything that is not such a document leaves the fields empty.
S3Answer read_s3_answer(const HttpResponse& response);

S3Meaning meaning_of(const S3Answer& answer, S3Action action);

// Whether it says that the credentials are used up: new ones may do.
bool refuses_credentials(const S3Answer& answer);

// Where it happened, for the error's text.
struct S3Place {
  S3Action action;
  std::string bucket;
  std::string key;  // with the prefix
  std::string region;
};

// Names action, bucket, key, region, status, S3's code and message, request id and the permission or setting
// to look at. Kind `fatal` for S3Meaning::fatal, else `retry`.
Error s3_error(const S3Answer& answer, const S3Place& place);

}  // namespace cistern

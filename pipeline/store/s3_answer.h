// An answer of S3, read: status, headers and the flat <Error> document. Pure. What it means stands in
// s3_meaning.h.
#pragma once

#include <string>

#include "pipeline/store/http_message.h"

namespace cistern {

struct S3Answer {
  unsigned status = 0;
  std::string code;        // "AccessDenied"; empty when the answer has no document
  std::string message;     // S3's own words, printable and cut
  std::string region;      // that the answer names, or empty
  std::string request_id;  // for AWS's support
  std::string host_id;     // the same: x-amz-id-2
};

// Reads the document's first 64 KiB and the headers. A 200 whose body is an error document is an error, white
// space before it included. Anything that is no such document leaves the fields empty.
S3Answer read_s3_answer(const HttpResponse& response);

}  // namespace cistern

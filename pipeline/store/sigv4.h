// AWS Signature Version 4 for S3, as pure functions: canonical request, string to sign, signature. Source:
// AWS's "Authenticating Requests: Using the Authorization Header (AWS Signature Version 4)"; its examples are
// the tests.
//
// S3 differs from other services: the path is percent-encoded once and is not normalised ("a//b" and "a/../b"
// stay as they are).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipeline/store/credentials/credentials.h"

namespace cistern {

struct SigV4Request {
  std::string method;
  std::string path;                                        // percent-encoded, as it is sent
  std::vector<std::pair<std::string, std::string>> query;  // not encoded
  std::vector<std::pair<std::string, std::string>>
      headers;                 // all of them are signed; must hold host, x-amz-date
  std::string payload_sha256;  // hex digits, or a word such as UNSIGNED-PAYLOAD
};

struct SigV4Scope {
  std::string region;
  std::string service = "s3";
  std::string date;  // amz_date()
};

struct SigV4Signature {
  std::string canonical_request;
  std::string string_to_sign;
  std::string signature;      // hex digits
  std::string authorization;  // the header's value
};

// 20130524T000000Z. Times outside the years 0..9999 are taken to the nearest of them.
std::string amz_date(int64_t wall_ms);

// RFC 3986: everything but A-Z a-z 0-9 - . _ ~ becomes %XX in upper case; '/' stays when asked for.
std::string uri_encode(std::string_view text, bool keep_slashes);

// Encoded, sorted by encoded name, then value; "name=" for an empty value. What follows '?' on the wire as
// well.
std::string canonical_query(const std::vector<std::pair<std::string, std::string>>& query);

SigV4Signature sign_v4(const SigV4Request& request, const SigV4Scope& scope, const Credentials& credentials);

}  // namespace cistern

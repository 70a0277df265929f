// How objects are to be stored, beside their bytes: checksums, encryption, class, tags, metadata, lock,
// access. Each becomes the request headers that AWS documents for PutObject. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/store/http_message.h"

namespace cistern {

struct S3ObjectSettings {
  std::string checksum = "crc32c";  // crc32c, crc64nvme; empty: none beside the signature's SHA-256
  std::string content_type = "application/x-ndjson";
  std::string content_encoding{};
  std::string storage_class{};   // empty: the bucket's or STANDARD; S3-compatible servers have their own
  std::string sse{};             // empty: as the bucket says; AES256, aws:kms, aws:kms:dsse
  std::string sse_kms_key_id{};  // a key's ARN, id or alias; empty: the account's key of S3
  std::vector<std::string> sse_context{};  // name=value
  bool sse_bucket_key = false;
  std::vector<std::string> tags{};      // name=value
  std::vector<std::string> metadata{};  // name=value; below x-amz-meta-
  std::string lock_mode{};              // empty: none; GOVERNANCE, COMPLIANCE
  int64_t lock_retain_ms = 0;           // from the time of the put
  bool lock_legal_hold = false;
  std::string acl{};                    // empty: none is sent
  std::string expected_bucket_owner{};  // an account; S3 refuses (403) when the bucket is another's
  bool requester_pays = false;
};

// Error `invalid` names the setting that is wrong, or that goes with another.
Result<> check_object_settings(const S3ObjectSettings& settings);

// Of a put, its checksums aside. The retention counts from `wall_ms`. Settings as check_object_settings
// allows them.
HttpHeaders object_headers(const S3ObjectSettings& settings, int64_t wall_ms);
// Of every request.
HttpHeaders bucket_headers(const S3ObjectSettings& settings);

// What a put of such an object needs to be allowed, S3's actions first: {"s3:PutObject", …}.
std::vector<std::string> put_permissions(const S3ObjectSettings& settings);

// "name=value" at its first '='.
std::pair<std::string, std::string> split_pair(const std::string& text);

}  // namespace cistern

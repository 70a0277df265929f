#include "pipeline/store/s3_request.h"

#include "pipeline/digest.h"

namespace cistern {
namespace {

constexpr size_t kMostKeyBytes = 1024;
constexpr std::string_view kEmptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::string_view kProbeBody = "cistern check\n";
constexpr std::string_view kMd5OfNothing = "1B2M2Y8AsgTpgAmY7PhCfg==";
constexpr uint64_t kMostObjectBytes = 5ull << 30;  // S3's own for one PUT

template <size_t N>
std::string base64_of(const std::array<uint8_t, N>& bytes) {
  return base64_encode(std::string_view(reinterpret_cast<const char*>(bytes.data()), N));
}

// Object lock asks for Content-MD5 or a checksum; older servers know the first only.
bool locks(const S3ObjectSettings& settings) {
  return !settings.lock_mode.empty() || settings.lock_legal_hold;
}

}  // namespace

std::string checksum_header(const S3ObjectSettings& settings) {
  return settings.checksum.empty() ? std::string() : "x-amz-checksum-" + settings.checksum;
}

std::string checksum_value(const S3ObjectSettings& settings, const Checksums& checksums) {
  if (settings.checksum == "crc64nvme") return base64_of(big_endian(checksums.crc64nvme));
  return settings.checksum == "crc32c" ? base64_of(big_endian(checksums.crc32c)) : std::string();
}

Result<S3Requests> S3Requests::make(S3Options options) {
  S3Requests requests;
  CISTERN_TRY(requests.endpoint_,
              resolve_s3_endpoint({options.bucket, options.region, options.endpoint, options.path_style,
                                   options.dual_stack, options.fips}));
  CISTERN_TRY(check_object_settings(options.object));
  requests.options_ = std::move(options);
  return requests;
}

ChecksumsWanted S3Requests::checksums_wanted() const {
  const S3ObjectSettings& object = options_.object;
  return {true, object.checksum == "crc32c", object.checksum == "crc64nvme", locks(object)};
}

std::string S3Requests::path_of(const std::string& key) const {
  return endpoint_.bucket_path + "/" + uri_encode(options_.prefix + key, true);
}

HttpRequest S3Requests::sign(std::string method, const std::string& path, HttpHeaders headers,
                             std::string payload_sha256, const Credentials& credentials,
                             int64_t wall_ms) const {
  const std::string date = amz_date(wall_ms);
  for (auto& header : bucket_headers(options_.object)) headers.push_back(std::move(header));
  headers.emplace_back("Host", endpoint_.server.authority());
  headers.emplace_back("x-amz-content-sha256", payload_sha256);
  headers.emplace_back("x-amz-date", date);
  if (!credentials.session_token.empty())
    headers.emplace_back("x-amz-security-token", credentials.session_token.view());
  const SigV4Request to_sign{method, path, {}, headers, std::move(payload_sha256)};
  const SigV4Signature signature = sign_v4(to_sign, {region(), "s3", date}, credentials);
  headers.emplace_back("Authorization", signature.authorization);
  HttpRequest request;
  request.method = std::move(method);
  request.target = path;
  request.headers = std::move(headers);
  return request;
}

HttpHeaders S3Requests::checksum_headers(const Checksums& checksums) const {
  HttpHeaders headers;
  const S3ObjectSettings& object = options_.object;
  if (!object.checksum.empty())
    headers.emplace_back(checksum_header(object), checksum_value(object, checksums));
  if (locks(object)) headers.emplace_back("Content-MD5", base64_of(checksums.md5));
  return headers;
}

// PUT /2026/11/21/08/20261121T08Z-5f1c9a0b7e42-0000000017.ndjson.gz HTTP/1.1
// Content-Type: application/x-ndjson        and what else the settings ask for: s3_object_settings.h
// If-None-Match: *                          never replaces: 412 when the key is there
// x-amz-meta-cistern-journal: 5f1c9a0b7e42  these recognise our own object when an answer was lost
// x-amz-meta-cistern-sequence: 17
// x-amz-meta-cistern-events: 51234
// x-amz-meta-cistern-first: 1795248000123   milliseconds of the earliest event
// x-amz-meta-cistern-last: 1795251599998
// x-amz-meta-cistern-sha256: 2cf2…          of the bytes: which of two compressors' the stored ones are
// x-amz-checksum-crc32c: mnG7TA==           S3 refuses other bytes, and answers with what it stored
Result<HttpRequest> S3Requests::put(const Object& object, const Credentials& credentials,
                                    int64_t wall_ms) const {
  const std::string key = options_.prefix + object.key;
  if (key.size() > kMostKeyBytes) {
    return fatal("the key " + key.substr(0, 80) + "... has " + std::to_string(key.size()) +
                 " bytes, and S3 takes 1024: shorten store.prefix or partition.key");
  }
  HttpHeaders headers = object_headers(options_.object, wall_ms);
  for (auto& header : HttpHeaders{
           {"If-None-Match", "*"},
           {"x-amz-meta-cistern-journal", object.journal_id},
           {"x-amz-meta-cistern-sequence", std::to_string(object.sequence)},
           {"x-amz-meta-cistern-events", std::to_string(object.events)},
           {"x-amz-meta-cistern-first", std::to_string(object.first_ms)},
           {"x-amz-meta-cistern-last", std::to_string(object.last_ms)},
           {"x-amz-meta-cistern-sha256", hex(object.digest)},
       }) {
    headers.push_back(std::move(header));
  }
  for (auto& header : checksum_headers(object.checksums)) headers.push_back(std::move(header));
  HttpRequest request =
      sign("PUT", path_of(object.key), std::move(headers), hex(object.digest), credentials, wall_ms);
  request.body = object.bytes;
  request.body_size = object.size;
  return request;
}

HttpRequest S3Requests::head(const std::string& key, const Credentials& credentials, int64_t wall_ms,
                             bool with_checksum) const {
  HttpHeaders headers;
  if (with_checksum) headers.emplace_back("x-amz-checksum-mode", "ENABLED");
  return sign("HEAD", path_of(key), std::move(headers), std::string(kEmptySha256), credentials, wall_ms);
}

HttpRequest S3Requests::get(const std::string& key, const Credentials& credentials, int64_t wall_ms) const {
  HttpRequest request = sign("GET", path_of(key), {}, std::string(kEmptySha256), credentials, wall_ms);
  request.max_answer_bytes = kMostObjectBytes;
  return request;
}

HttpRequest S3Requests::probe_put(const std::string& key, Probe probe, const Credentials& credentials,
                                  int64_t wall_ms) const {
  const std::string_view body = probe == Probe::damaged ? kProbeBody : std::string_view();
  S3ObjectSettings settings = options_.object;
  settings.lock_mode.clear();
  settings.lock_legal_hold = false;
  HttpHeaders headers = object_headers(settings, wall_ms);
  headers.emplace_back("Content-MD5", kMd5OfNothing);
  headers.emplace_back("If-None-Match", "*");
  headers.emplace_back(kProbeHeader, "made by cistern check, may be removed");
  HttpRequest request =
      sign("PUT", path_of(key), std::move(headers), hex(sha256(body)), credentials, wall_ms);
  request.body = bytes_in_memory(body);
  request.body_size = body.size();
  return request;
}

}  // namespace cistern

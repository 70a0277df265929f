#include "pipeline/store/s3_request.h"

#include <algorithm>

#include "pipeline/digest.h"

namespace cistern {
namespace {

constexpr size_t kMostKeyBytes = 1024;
constexpr std::string_view kEmptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr std::string_view kProbeBody = "cistern check\n";
constexpr std::string_view kMd5OfNothing = "1B2M2Y8AsgTpgAmY7PhCfg==";
constexpr uint64_t kMostObjectBytes = 5ull << 30;  // S3's own for one PUT

Result<> check_bucket(const std::string& name) {
  const bool characters = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
           (c >= 'A' && c <= 'Z');
  });
  if (name.size() >= 3 && name.size() <= 63 && characters) return ok();
  return invalid("store.bucket must be 3 to 63 letters, digits, '-' and '.' (S3's bucket names)");
}

Result<> check_region(const std::string& region) {
  const bool characters = std::all_of(region.begin(), region.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (!region.empty() && characters) return ok();
  return invalid("store.region must be a region's name, such as us-east-1");
}

Result<HttpEndpoint> endpoint_of(const S3Options& options) {
  if (options.endpoint.empty()) {
    const std::string domain = options.region.starts_with("cn-") ? ".amazonaws.com.cn" : ".amazonaws.com";
    return HttpEndpoint{true, "s3." + options.region + domain, 443};
  }
  auto url = parse_http_url(options.endpoint);
  if (!url) return invalid("store.endpoint: " + url.error().what);
  if (url.value().target != "/") return invalid("store.endpoint must not have a path: https://host[:port]");
  return std::move(url.value().endpoint);
}

// AWS's certificate covers one label below the endpoint, and an address has no names below it.
bool needs_path_style(const S3Options& options, const HttpEndpoint& endpoint) {
  const bool dotted = options.bucket.find('.') != std::string::npos;
  return options.path_style || endpoint.is_address() || (dotted && endpoint.tls);
}

}  // namespace

Result<S3Requests> S3Requests::make(S3Options options) {
  CISTERN_TRY(check_bucket(options.bucket));
  CISTERN_TRY(check_region(options.region));
  S3Requests requests;
  CISTERN_TRY(requests.endpoint_, endpoint_of(options));
  if (needs_path_style(options, requests.endpoint_)) {
    requests.bucket_path_ = "/" + options.bucket;
  } else {
    requests.endpoint_.host = options.bucket + "." + requests.endpoint_.host;
  }
  requests.options_ = std::move(options);
  return requests;
}

std::string S3Requests::path_of(const std::string& key) const {
  return bucket_path_ + "/" + uri_encode(options_.prefix + key, true);
}

HttpRequest S3Requests::sign(std::string method, const std::string& path, HttpHeaders headers,
                             std::string payload_sha256, const Credentials& credentials,
                             int64_t wall_ms) const {
  const std::string date = amz_date(wall_ms);
  headers.emplace_back("Host", endpoint_.authority());
  headers.emplace_back("x-amz-content-sha256", payload_sha256);
  headers.emplace_back("x-amz-date", date);
  if (!credentials.session_token.empty())
    headers.emplace_back("x-amz-security-token", credentials.session_token.view());
  const SigV4Request to_sign{method, path, {}, headers, std::move(payload_sha256)};
  const SigV4Signature signature = sign_v4(to_sign, {options_.region, "s3", date}, credentials);
  headers.emplace_back("Authorization", signature.authorization);
  HttpRequest request;
  request.method = std::move(method);
  request.target = path;
  request.headers = std::move(headers);
  return request;
}

// PUT /2026/11/21/08/20261121T08Z-5f1c9a0b7e42-0000000017.ndjson.gz HTTP/1.1
// If-None-Match: *                          never replaces: 412 when the key is there
// Content-Type: application/x-ndjson        no Content-Encoding: readers get the .gz that the key says
// x-amz-meta-cistern-journal: 5f1c9a0b7e42  these recognise our own object when an answer was lost
// x-amz-meta-cistern-sequence: 17
// x-amz-meta-cistern-events: 51234
// x-amz-meta-cistern-first: 1795248000123   milliseconds of the earliest event
// x-amz-meta-cistern-last: 1795251599998
Result<HttpRequest> S3Requests::put(const Object& object, const Credentials& credentials,
                                    int64_t wall_ms) const {
  const std::string key = options_.prefix + object.key;
  if (key.size() > kMostKeyBytes) {
    return fatal("the key " + key.substr(0, 80) + "... has " + std::to_string(key.size()) +
                 " bytes, and S3 takes 1024: shorten store.prefix or partition.key");
  }
  HttpHeaders headers{
      {"Content-Type", "application/x-ndjson"},
      {"If-None-Match", "*"},
      {"x-amz-meta-cistern-journal", object.journal_id},
      {"x-amz-meta-cistern-sequence", std::to_string(object.sequence)},
      {"x-amz-meta-cistern-events", std::to_string(object.events)},
      {"x-amz-meta-cistern-first", std::to_string(object.first_ms)},
      {"x-amz-meta-cistern-last", std::to_string(object.last_ms)},
  };
  HttpRequest request =
      sign("PUT", path_of(object.key), std::move(headers), hex(object.sha256), credentials, wall_ms);
  request.body = object.bytes;
  request.body_size = object.size;
  return request;
}

HttpRequest S3Requests::head(const std::string& key, const Credentials& credentials, int64_t wall_ms) const {
  return sign("HEAD", path_of(key), {}, std::string(kEmptySha256), credentials, wall_ms);
}

HttpRequest S3Requests::get(const std::string& key, const Credentials& credentials, int64_t wall_ms) const {
  HttpRequest request = sign("GET", path_of(key), {}, std::string(kEmptySha256), credentials, wall_ms);
  request.max_answer_bytes = kMostObjectBytes;
  return request;
}

HttpRequest S3Requests::probe_put(const std::string& key, const Credentials& credentials,
                                  int64_t wall_ms) const {
  HttpHeaders headers{{"Content-MD5", std::string(kMd5OfNothing)}, {"If-None-Match", "*"}};
  HttpRequest request =
      sign("PUT", path_of(key), std::move(headers), hex(sha256(kProbeBody)), credentials, wall_ms);
  request.body = bytes_in_memory(kProbeBody);
  request.body_size = kProbeBody.size();
  return request;
}

}  // namespace cistern

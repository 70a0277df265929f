// S3 requests as values: address, path, headers and signature. Pure; S3Store sends them.
#pragma once

#include <cstdint>
#include <string>

#include "pipeline/store/http_message.h"
#include "pipeline/store/object_store.h"
#include "pipeline/store/sigv4.h"

namespace cistern {

struct S3Options {
  std::string bucket;
  std::string prefix;  // put before every key as it is; "logs/" makes a folder, "logs-" does not
  std::string region = "us-east-1";
  std::string endpoint;     // "https://host[:port]"; empty: AWS's own for the region
  bool path_style = false;  // else bucket.host; addresses and dotted buckets over TLS are always path style
  std::string ca_file;      // PEM; empty: the system's authorities
  int64_t timeout_ms = 60'000;  // of one try without progress
};

// Builds and signs. Immutable; any thread.
class S3Requests {
 public:
  // Error `invalid` names the setting that is wrong.
  static Result<S3Requests> make(S3Options options);

  const HttpEndpoint& endpoint() const { return endpoint_; }
  const S3Options& options() const { return options_; }

  // Error `fatal`: the key (with the prefix) is longer than S3's 1024 bytes.
  Result<HttpRequest> put(const Object& object, const Credentials& credentials, int64_t wall_ms) const;
  HttpRequest head(const std::string& key, const Credentials& credentials, int64_t wall_ms) const;
  HttpRequest get(const std::string& key, const Credentials& credentials, int64_t wall_ms) const;
  // A put that a server must refuse after it has allowed it: its Content-MD5 is another body's.
  HttpRequest probe_put(const std::string& key, const Credentials& credentials, int64_t wall_ms) const;

 private:
  // `headers` are signed together with Host, the date, the payload's digest and the session token.
  HttpRequest sign(std::string method, const std::string& path, HttpHeaders headers,
                   std::string payload_sha256, const Credentials& credentials, int64_t wall_ms) const;
  std::string path_of(const std::string& key) const;

  S3Options options_;
  HttpEndpoint endpoint_;
  std::string bucket_path_;  // "" or "/bucket"
};

}  // namespace cistern

// S3 requests as values: address, path, headers and signature. Pure; S3Sender sends them.
#pragma once

#include <cstdint>
#include <string>

#include "pipeline/store/http_message.h"
#include "pipeline/store/object_store.h"
#include "pipeline/store/s3_endpoint.h"
#include "pipeline/store/s3_object_settings.h"
#include "pipeline/store/sigv4.h"

namespace cistern {

struct S3Options {
  std::string bucket{};  // see S3Location, the same six
  std::string prefix{};  // put before every key as it is; "logs/" makes a folder, "logs-" does not
  std::string region = "us-east-1";
  std::string endpoint{};
  bool path_style = false;
  bool dual_stack = false;
  bool fips = false;
  S3ObjectSettings object{};
  std::string ca_file{};          // PEM; empty: the system's authorities
  std::string proxy{};            // for https: "http://[name:password@]host[:port]"; empty: none
  std::string no_proxy{};         // hosts that are reached without it: see proxy.h
  int64_t connect_ms = 10'000;    // to connect, TLS included
  int64_t timeout_ms = 60'000;    // of one try without progress
  uint64_t requests_at_once = 8;  // what the retry budget is made for
};

// Builds and signs. Immutable; any thread.
class S3Requests {
 public:
  // Error `invalid` names the setting that is wrong.
  static Result<S3Requests> make(S3Options options);

  const HttpEndpoint& endpoint() const { return endpoint_.server; }
  const std::string& region() const { return endpoint_.region; }
  const S3Options& options() const { return options_; }
  ChecksumsWanted checksums_wanted() const;

  // Error `fatal`: the key (with the prefix) is longer than S3's 1024 bytes.
  Result<HttpRequest> put(const Object& object, const Credentials& credentials, int64_t wall_ms) const;
  // `with_checksum`: asks for the stored bytes' checksum too, which needs kms:Decrypt where KMS encrypts.
  HttpRequest head(const std::string& key, const Credentials& credentials, int64_t wall_ms,
                   bool with_checksum = false) const;
  HttpRequest get(const std::string& key, const Credentials& credentials, int64_t wall_ms) const;
  // A put for checks: If-None-Match, and all that a put asks for but the lock, so that nothing can be left
  // behind that cannot be removed. `damaged`: a server must refuse it after it has allowed it, since its
  // Content-MD5 is another body's. `empty`: an object without bytes.
  enum class Probe { damaged, empty };
  HttpRequest probe_put(const std::string& key, Probe probe, const Credentials& credentials,
                        int64_t wall_ms) const;

 private:
  // `headers` are signed together with Host, the date, the payload's digest and the session token.
  HttpRequest sign(std::string method, const std::string& path, HttpHeaders headers,
                   std::string payload_sha256, const Credentials& credentials, int64_t wall_ms) const;
  std::string path_of(const std::string& key) const;
  HttpHeaders checksum_headers(const Checksums& checksums) const;

  S3Options options_;
  S3Endpoint endpoint_;
};

// An object that has it was made by probe_put().
constexpr const char* kProbeHeader = "x-amz-meta-cistern-check";

// The header in which the object settings' checksum is sent and answered; empty: none is.
std::string checksum_header(const S3ObjectSettings& settings);
std::string checksum_value(const S3ObjectSettings& settings, const Checksums& checksums);

}  // namespace cistern

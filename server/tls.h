// The server's TLS context: TLS 1.2 and 1.3, forward-secret AEAD ciphers, no renegotiation, no compression,
// session tickets, HTTP/1.1 by ALPN. Certificate and key are read again when their files change: connections
// that are open keep the context they began with.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "pipeline/latest.h"
#include "pipeline/result.h"
#include "server/config.h"

struct ssl_ctx_st;

namespace cistern {

struct TlsContext {
  TlsContext();
  ~TlsContext();
  TlsContext(TlsContext&&) = delete;

  ssl_ctx_st* const native;  // OpenSSL's SSL_CTX
  int64_t expires_at = 0;    // Unix seconds: the certificate's notAfter
};

// load and reload on one thread at a time; the rest from any thread.
class Tls {
 public:
  // A certificate that was read and is not in use yet.
  struct Loaded {
    TlsConfig config;
    std::array<uint8_t, 32> seen{};  // digest of the files
    std::shared_ptr<const TlsContext> context;
  };

  // Errors `fatal` name the file and the reason: not readable, no PEM, encrypted key, key of another
  // certificate.
  static Result<Loaded> read(const TlsConfig& config);
  static Result<std::unique_ptr<Tls>> load(const TlsConfig& config);

  std::shared_ptr<const TlsContext> context() const { return latest_.get(); }
  int64_t certificate_expires_at() const { return context()->expires_at; }

  // New connections use it.
  void use(Loaded loaded);
  // Reads both files again. After an error the old certificate stays in use; it is logged.
  Result<> reload();
  // Does so if the files' bytes differ from those last looked at. True: a new certificate is in use.
  bool reload_if_changed();

 private:
  explicit Tls(const TlsConfig& config) : config_(config) {}

  TlsConfig config_;
  std::array<uint8_t, 32> seen_{};
  Latest<TlsContext> latest_;
};

}  // namespace cistern

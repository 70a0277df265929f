// See tls.h. OpenSSL's C interface only; streams are tls_transport.cc's. Owned by the process's edge.
#include "server/tls.h"

#include <ctime>
#include <new>
#include <string>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "pipeline/digest.h"
#include "pipeline/log.h"
#include "server/read_file.h"

namespace cistern {
namespace {

// Forward secrecy and AEAD only (TLS 1.3's own suites all are).
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

std::string openssl_reason() {
  unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "unknown reason";
}

// A passphrase would be asked for on the terminal otherwise.
int no_passphrase(char*, int, int, void*) { return -1; }

// A client that offers only other protocols goes on without one: it will see HTTP/1.1.
int select_http_1_1(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in,
                    unsigned int in_size, void*) {
  static const unsigned char http_1_1[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* selected = nullptr;
  if (SSL_select_next_proto(&selected, out_size, http_1_1, sizeof http_1_1, in, in_size) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = selected;
  return SSL_TLSEXT_ERR_OK;
}

void harden(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_cipher_list(context, kCiphers);
  // Tickets, so that a sender's next connection costs no signature; nothing is kept here.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>("cistern"), 7);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  SSL_CTX_set_alpn_select_cb(context, select_http_1_1, nullptr);
}

Result<int64_t> expiry_of(SSL_CTX* context) {
  const X509* certificate = SSL_CTX_get0_certificate(context);
  std::tm when{};
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &when) != 1)
    return fatal("the certificate has no readable end of validity");
  return static_cast<int64_t>(timegm(&when));
}

Result<> use_files(SSL_CTX* context, const TlsConfig& config) {
  // Only for its clear message: OpenSSL's own does not say why a file cannot be read.
  CISTERN_TRY(read_small_file(config.certificate));
  CISTERN_TRY(read_small_file(config.private_key));
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(context, config.certificate.c_str()) != 1)
    return fatal("certificate '" + config.certificate +
                 "' is not a PEM certificate chain: " + openssl_reason());
  if (SSL_CTX_use_PrivateKey_file(context, config.private_key.c_str(), SSL_FILETYPE_PEM) != 1)
    return fatal("private key '" + config.private_key +
                 "' is not a plain PEM key that belongs to certificate '" + config.certificate +
                 "': " + openssl_reason());
  if (SSL_CTX_check_private_key(context) != 1)
    return fatal("private key '" + config.private_key + "' does not belong to certificate '" +
                 config.certificate + "': " + openssl_reason());
  return ok();
}

}  // namespace

TlsContext::TlsContext() : native(SSL_CTX_new(TLS_server_method())) {
  if (native == nullptr) throw std::bad_alloc();
}
TlsContext::~TlsContext() { SSL_CTX_free(native); }

Result<Tls::Loaded> Tls::read(const TlsConfig& config) {
  Loaded loaded{config, digest_of_files({config.certificate, config.private_key}), nullptr};
  auto context = std::make_shared<TlsContext>();
  harden(context->native);
  CISTERN_TRY(use_files(context->native, config));
  CISTERN_TRY(context->expires_at, expiry_of(context->native));
  loaded.context = std::move(context);
  return loaded;
}

Result<std::unique_ptr<Tls>> Tls::load(const TlsConfig& config) {
  CISTERN_TRY(auto loaded, read(config));
  std::unique_ptr<Tls> tls(new Tls(config));
  tls->use(std::move(loaded));
  return tls;
}

void Tls::use(Loaded loaded) {
  config_ = std::move(loaded.config);
  seen_ = loaded.seen;
  latest_.set(std::move(loaded.context));
}

Result<> Tls::reload() {
  seen_ = digest_of_files({config_.certificate, config_.private_key});
  auto loaded = read(config_);
  if (!loaded) {
    log_error("certificate_refused", loaded.error().what + "; the old certificate stays in use");
    return loaded.error();
  }
  use(std::move(loaded.value()));
  log_info("certificate_loaded", "new connections use the new certificate",
           {{"file", config_.certificate}, {"expires_at", certificate_expires_at()}});
  return ok();
}

bool Tls::reload_if_changed() {
  if (digest_of_files({config_.certificate, config_.private_key}) == seen_) return false;
  return reload().has_value();
}

}  // namespace cistern

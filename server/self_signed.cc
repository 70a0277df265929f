// See self_signed.h.
#include "server/self_signed.h"

#include <memory>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace cistern {
namespace {

template <class T, void (*Free)(T*)>
struct Freed {
  void operator()(T* object) const { Free(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509, X509_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO, BIO_free_all>>;

bool add_extension(X509* certificate, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION, X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_serial(X509* certificate) {
  uint64_t serial = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) return false;
  return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1 | 1) == 1;
}

bool set_times(X509* certificate, int64_t wall_ms) {
  time_t now = wall_ms / 1000;
  return X509_time_adj_ex(X509_getm_notBefore(certificate), 0, -3600, &now) != nullptr &&
         X509_time_adj_ex(X509_getm_notAfter(certificate), 365, 0, &now) != nullptr;
}

bool set_name(X509* certificate) {
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto* text = reinterpret_cast<const unsigned char*>("localhost");
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1 &&
         X509_set_issuer_name(certificate, name) == 1;
}

Certificate sign(EVP_PKEY* key, int64_t wall_ms) {
  Certificate certificate(X509_new());
  X509* c = certificate.get();
  const bool made =
      c != nullptr && X509_set_version(c, 2) == 1 && set_serial(c) && set_times(c, wall_ms) && set_name(c) &&
      X509_set_pubkey(c, key) == 1 &&
      add_extension(c, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1") &&
      add_extension(c, NID_basic_constraints, "critical,CA:TRUE") &&  // clients take it as an authority
      add_extension(c, NID_ext_key_usage, "serverAuth") && X509_sign(c, key, EVP_sha256()) != 0;
  return made ? std::move(certificate) : nullptr;
}

std::string text_of(BIO* bio) {
  char* text = nullptr;
  const auto length = BIO_get_mem_data(bio, &text);
  return std::string(text, static_cast<size_t>(length));
}

}  // namespace

Result<SelfSigned> make_self_signed(int64_t wall_ms) {
  const Error failed = fatal("OpenSSL could not make a certificate");
  const Key key(EVP_EC_gen("P-256"));
  if (!key) return failed;
  const Certificate certificate = sign(key.get(), wall_ms);
  const Bio certificate_text(BIO_new(BIO_s_mem())), key_text(BIO_new(BIO_s_mem()));
  const bool written =
      certificate && PEM_write_bio_X509(certificate_text.get(), certificate.get()) == 1 &&
      PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
  if (!written) return failed;
  return SelfSigned{text_of(certificate_text.get()), text_of(key_text.get())};
}

}  // namespace cistern

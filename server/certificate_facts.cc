// See certificate_facts.h.
#include "server/certificate_facts.h"

#include <memory>

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <time.h>

namespace cistern {
namespace {

int64_t to_ms(const ASN1_TIME* time) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return static_cast<int64_t>(timegm(&parts)) * 1000;
}

std::string printed(GENERAL_NAME* name) {
  std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
  GENERAL_NAME_print(bio.get(), name);
  char* text = nullptr;
  auto length = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<size_t>(length));
}

std::string names_of(X509* certificate) {
  std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  std::string text;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i)
    text += (text.empty() ? "" : ", ") + printed(sk_GENERAL_NAME_value(names.get(), i));
  return text;
}

}  // namespace

CertificateFacts certificate_facts(const TlsContext& context) {
  X509* certificate = SSL_CTX_get0_certificate(context.native);
  return {names_of(certificate), to_ms(X509_get0_notBefore(certificate)),
          to_ms(X509_get0_notAfter(certificate))};
}

}  // namespace cistern

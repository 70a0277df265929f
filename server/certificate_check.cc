#include "server/certificate_check.h"

#include <array>
#include <memory>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <time.h>

namespace cistern {
namespace {

template <auto free_it>
struct Free {
  template <class T>
  void operator()(T* object) const {
    free_it(object);
  }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;

void free_names(GENERAL_NAMES* names) { GENERAL_NAMES_free(names); }

Error openssl_error(const std::string& what) {
  std::array<char, 256> reason{};
  ERR_error_string_n(ERR_peek_last_error(), reason.data(), reason.size());
  ERR_clear_error();
  return invalid(what + " (" + reason.data() + ")");
}

Result<Bio> open_file(const std::string& path) {
  Bio bio(BIO_new_file(path.c_str(), "r"));
  if (!bio) return openssl_error(path + ": cannot be read");
  return bio;
}

// Without it OpenSSL would ask the terminal and wait.
int no_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

Result<Certificate> read_certificate(const std::string& path) {
  CISTERN_TRY(auto bio, open_file(path));
  Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (!certificate) return openssl_error(path + ": holds no PEM certificate");
  return certificate;
}

Result<Key> read_key(const std::string& path) {
  CISTERN_TRY(auto bio, open_file(path));
  bool encrypted = false;
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, &encrypted));
  if (encrypted) return openssl_error(path + ": the private key is encrypted; store it without a passphrase");
  if (!key) return openssl_error(path + ": holds no PEM private key");
  return key;
}

int64_t to_ms(const ASN1_TIME* time) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return static_cast<int64_t>(timegm(&parts)) * 1000;
}

template <class Print>
std::string printed(Print print) {
  Bio bio(BIO_new(BIO_s_mem()));
  print(bio.get());
  char* text = nullptr;
  auto length = BIO_get_mem_data(bio.get(), &text);
  return std::string(text, static_cast<size_t>(length));
}

std::string subject_of(X509* certificate) {
  return printed(
      [&](BIO* out) { X509_NAME_print_ex(out, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253); });
}

std::string names_of(X509* certificate) {
  std::unique_ptr<GENERAL_NAMES, Free<free_names>> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::string text;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    auto name = printed([&](BIO* out) { GENERAL_NAME_print(out, sk_GENERAL_NAME_value(names.get(), i)); });
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

}  // namespace

Result<CertificateFacts> check_certificate(const std::string& certificate_file, const std::string& key_file) {
  CISTERN_TRY(auto certificate, read_certificate(certificate_file));
  CISTERN_TRY(auto key, read_key(key_file));
  if (X509_check_private_key(certificate.get(), key.get()) != 1)
    return openssl_error(key_file + ": is not the private key of the certificate in " + certificate_file);
  return CertificateFacts{subject_of(certificate.get()), names_of(certificate.get()),
                          to_ms(X509_get0_notBefore(certificate.get())),
                          to_ms(X509_get0_notAfter(certificate.get()))};
}

}  // namespace cistern

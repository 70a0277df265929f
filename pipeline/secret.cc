#include "pipeline/secret.h"

#include <openssl/crypto.h>

namespace cistern {

void cleanse(void* bytes, size_t size) { OPENSSL_cleanse(bytes, size); }

void cleanse(std::string& text) {
  text.resize(text.capacity());  // what an earlier, longer text left behind as well
  cleanse(text.data(), text.size());
  text.clear();
}

Secret Secret::take(std::string& text) {
  Secret secret(text);
  cleanse(text);
  return secret;
}

bool Secret::operator==(const Secret& other) const {
  return bytes_.size() == other.bytes_.size() &&
         CRYPTO_memcmp(bytes_.data(), other.bytes_.data(), bytes_.size()) == 0;
}

}  // namespace cistern

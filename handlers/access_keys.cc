// See access_keys.h. Owned by the HTTP edge.
#include "handlers/access_keys.h"

#include <openssl/crypto.h>

#include "handlers/request_head.h"
#include "pipeline/digest.h"

namespace cistern {

Result<AccessKeys> AccessKeys::make(const std::vector<AccessKey>& keys) {
  if (keys.empty()) return invalid("no access keys: configure one, or say access_keys: none");
  AccessKeys made;
  for (const AccessKey& key : keys) {
    std::string_view value = without_blanks(key.value);
    std::string who = "access key '" + key.name + "' ";
    if (value.empty()) return invalid(who + "is empty: give it a value of up to 4096 bytes");
    if (value.size() > kMaxBytes) return invalid(who + "is longer than 4096 bytes: Firehose cannot send it");
    if (value.find_first_of(std::string_view("\r\n\0", 3)) != value.npos)
      return invalid(who + "holds a line break or NUL: an HTTP header cannot carry it");
    made.entries_.push_back({{key.name, key.in_flight_bytes}, sha256(value)});
  }
  return made;
}

Result<KnownKey> AccessKeys::check(std::optional<std::string_view> presented) const {
  if (entries_.empty()) return KnownKey();
  if (!presented || presented->empty())
    return unauthorized(
        "The header X-Amz-Firehose-Access-Key is missing or came twice. Set the access key of this endpoint "
        "in the Firehose destination.");
  auto digest = sha256(*presented);
  const Entry* match = nullptr;
  for (const Entry& entry : entries_)
    if (CRYPTO_memcmp(digest.data(), entry.digest.data(), digest.size()) == 0) match = &entry;
  if (match == nullptr)
    return unauthorized(
        "The access key is not one of this endpoint's. Set one of the configured keys in the Firehose "
        "destination.");
  return match->key;
}

std::vector<std::string> AccessKeys::names() const {
  std::vector<std::string> names;
  for (const Entry& entry : entries_) names.push_back(entry.key.name);
  return names;
}

}  // namespace cistern

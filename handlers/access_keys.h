// The access keys that let a delivery in. An immutable set: a reload makes a new one and puts it into a
// Latest<AccessKeys>. Holds digests only, so that no key lies in memory for longer than its reading takes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/result.h"

namespace cistern {

struct AccessKey {
  std::string name;              // in metrics and logs
  std::string value;             // secret
  uint64_t in_flight_bytes = 0;  // its own quota; 0: none
};

// Who sends, as far as access keys tell.
struct KnownKey {
  std::string name;  // empty: none are configured
  uint64_t in_flight_bytes = 0;
};

class AccessKeys {
 public:
  static constexpr size_t kMaxBytes = 4096;  // protocol rule R6

  // Any characters that a header can carry; blanks at both ends are left out, as HTTP leaves them out. Errors
  // name the key, never quote it: no keys at all, an empty key, a long one, one with CR, LF or NUL.
  static Result<AccessKeys> make(const std::vector<AccessKey>& keys);
  // `access_keys: none`: everybody may deliver.
  static AccessKeys none() { return {}; }

  // The key that `presented` is, nameless for none(). Takes as long for every wrong key: compares
  // digests, all of them each time. Error `unauthorized`.
  Result<KnownKey> check(std::optional<std::string_view> presented) const;
  std::vector<std::string> names() const;  // in the order of the configuration; empty for none()

 private:
  struct Entry {
    KnownKey key;
    std::array<uint8_t, 32> digest;
  };
  std::vector<Entry> entries_;  // empty: none()
};

}  // namespace cistern

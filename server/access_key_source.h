// Where the access keys come from: the configuration and its value_files, read again when they change.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "handlers/access_keys.h"
#include "pipeline/latest.h"
#include "pipeline/result.h"
#include "server/config.h"

namespace cistern {

// load and reload on one thread at a time; latest() from any.
class AccessKeySource {
 public:
  // Keys that were read and are not in use yet.
  struct Loaded {
    bool none = false;  // the configuration says access_keys: none
    std::vector<AccessKeyConfig> configured;
    std::array<uint8_t, 32> seen{};  // digest of the value_files
    std::shared_ptr<const AccessKeys> keys;
  };

  // Errors name the key or the file, never a value.
  static Result<Loaded> read(bool none, std::vector<AccessKeyConfig> keys);
  static Result<std::unique_ptr<AccessKeySource>> load(bool none, std::vector<AccessKeyConfig> keys);

  const Latest<AccessKeys>& latest() const { return latest_; }

  void use(Loaded loaded);
  // Reads and uses. After an error the old keys stay; it is logged.
  Result<> reload(bool none, std::vector<AccessKeyConfig> keys);
  // Reads the value_files again if one changed; errors are logged once for each change. True: new keys are in
  // use.
  bool reload_if_changed();

 private:
  AccessKeySource() = default;

  bool none_ = false;
  std::vector<AccessKeyConfig> keys_;
  std::array<uint8_t, 32> seen_{};  // digest of the value_files last looked at
  Latest<AccessKeys> latest_;
};

}  // namespace cistern

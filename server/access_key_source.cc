// See access_key_source.h. Owned by the process's edge.
#include "server/access_key_source.h"

#include <string>
#include <utility>

#include "pipeline/ascii.h"
#include "pipeline/digest.h"
#include "pipeline/log.h"
#include "server/read_file.h"

namespace cistern {
namespace {

Result<AccessKey> read_key(const AccessKeyConfig& config) {
  if (config.value_file.empty()) return AccessKey{config.name, config.value, config.in_flight_bytes};
  CISTERN_TRY(std::string text, read_small_file(config.value_file));
  text.resize(without_line_end(text).size());
  return AccessKey{config.name, std::move(text), config.in_flight_bytes};
}

Sha256 digest_of_key_files(const std::vector<AccessKeyConfig>& keys) {
  std::vector<std::string> paths;
  for (const AccessKeyConfig& key : keys)
    if (!key.value_file.empty()) paths.push_back(key.value_file);
  return digest_of_files(paths);
}

}  // namespace

Result<AccessKeySource::Loaded> AccessKeySource::read(bool none, std::vector<AccessKeyConfig> keys) {
  Loaded loaded{none, std::move(keys), {}, nullptr};
  loaded.seen = digest_of_key_files(loaded.configured);
  if (none) {
    loaded.keys = std::make_shared<AccessKeys>(AccessKeys::none());
    return loaded;
  }
  std::vector<AccessKey> read;
  for (const AccessKeyConfig& config : loaded.configured) {
    CISTERN_TRY(auto key, read_key(config));
    read.push_back(std::move(key));
  }
  CISTERN_TRY(auto made, AccessKeys::make(read));
  loaded.keys = std::make_shared<AccessKeys>(std::move(made));
  return loaded;
}

Result<std::unique_ptr<AccessKeySource>> AccessKeySource::load(bool none, std::vector<AccessKeyConfig> keys) {
  CISTERN_TRY(auto loaded, read(none, std::move(keys)));
  std::unique_ptr<AccessKeySource> source(new AccessKeySource());
  source->use(std::move(loaded));
  return source;
}

void AccessKeySource::use(Loaded loaded) {
  none_ = loaded.none;
  keys_ = std::move(loaded.configured);
  seen_ = loaded.seen;
  latest_.set(std::move(loaded.keys));
}

Result<> AccessKeySource::reload(bool none, std::vector<AccessKeyConfig> keys) {
  seen_ = digest_of_key_files(keys);
  auto loaded = read(none, std::move(keys));
  if (!loaded) {
    log_error("access_keys_refused", loaded.error().what + "; the old access keys stay in use");
    return loaded.error();
  }
  use(std::move(loaded.value()));
  log_info("access_keys_loaded", "new access keys are in use", {{"keys", keys_.size()}});
  return ok();
}

bool AccessKeySource::reload_if_changed() {
  if (digest_of_key_files(keys_) == seen_) return false;
  return reload(none_, keys_).has_value();
}

}  // namespace cistern

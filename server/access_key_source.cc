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

std::array<uint8_t, 32> digest_of_files(const std::vector<AccessKeyConfig>& keys) {
  Sha256Stream digest;
  for (const AccessKeyConfig& key : keys) {
    if (key.value_file.empty()) continue;
    auto text = read_small_file(key.value_file);
    digest.update(text ? text.value() : text.error().what);
  }
  return digest.finish();
}

}  // namespace

Result<std::unique_ptr<AccessKeySource>> AccessKeySource::load(bool none, std::vector<AccessKeyConfig> keys) {
  std::unique_ptr<AccessKeySource> source(new AccessKeySource());
  source->none_ = none;
  source->keys_ = std::move(keys);
  CISTERN_TRY(source->read());
  return source;
}

Result<> AccessKeySource::read() {
  seen_ = digest_of_files(keys_);
  if (none_) {
    latest_.set(std::make_shared<AccessKeys>(AccessKeys::none()));
    return ok();
  }
  std::vector<AccessKey> keys;
  for (const AccessKeyConfig& config : keys_) {
    CISTERN_TRY(auto key, read_key(config));
    keys.push_back(std::move(key));
  }
  CISTERN_TRY(auto made, AccessKeys::make(keys));
  latest_.set(std::make_shared<AccessKeys>(std::move(made)));
  return ok();
}

Result<> AccessKeySource::reload(bool none, std::vector<AccessKeyConfig> keys) {
  std::swap(none_, none);
  std::swap(keys_, keys);
  auto result = read();
  if (result) {
    log_info("access_keys_loaded", "new access keys are in use", {{"keys", keys_.size()}});
    return result;
  }
  std::swap(none_, none);
  std::swap(keys_, keys);
  log_error("access_keys_refused", result.error().what + "; the old access keys stay in use");
  return result;
}

bool AccessKeySource::reload_if_changed() {
  if (digest_of_files(keys_) == seen_) return false;
  return reload(none_, keys_).has_value();
}

}  // namespace cistern

// See reload.h. Owned by the process's edge.
#include "server/reload.h"

#include <optional>
#include <utility>

#include <boost/asio/post.hpp>

#include "pipeline/log.h"
#include "server/logging.h"
#include "server/make_store.h"
#include "server/part_settings.h"
#include "server/read_file.h"

namespace cistern {

namespace asio = boost::asio;

namespace {

constexpr uint64_t kLooksPerKeyCheck = 5;
// What was wrong quotes the configuration, where a secret may stand in the wrong place: not for everybody.
constexpr const char* kRefused =
    "what was in force stays; the log says why, and so does cistern check --no-tries";

}  // namespace

// All that can fail, made and not in use yet.
struct Reload::Prepared {
  ConfigChange change;
  std::shared_ptr<const FrameFormat> format;
  AccessKeySource::Loaded keys;
  std::optional<Tls::Loaded> tls;
  std::shared_ptr<ObjectStore> store;  // null: stays
};

Reload::Reload(LoadedConfig loaded, Read read, const ReloadedParts& parts)
    : read_(std::move(read)),
      parts_(parts),
      file_(std::move(loaded.file)),
      seen_(sha256(loaded.text)),
      before_(seen_) {
  publish_config(loaded.config, parts_.metrics);
  publish_certificate();
  note("", true);
}

void Reload::now() {
  log_info("reload", "reading configuration, certificate, private key and access keys again");
  seen_ = digest_of_files({file_});
  read_config();
}

// Certificates and keys are looked at by themselves too: a mistake in the configuration must not keep a
// renewed certificate out.
void Reload::if_changed() {
  if (++looks_ % kLooksPerKeyCheck == 0) {
    parts_.keys.reload_if_changed();
    if (parts_.tls != nullptr && parts_.tls->reload_if_changed()) publish_certificate();
  }
  if (file_.empty()) return;
  const Sha256 digest = digest_of_files({file_});
  const bool settled = digest == before_;
  before_ = digest;
  if (digest == seen_ || !settled) return;
  seen_ = digest;
  log_info("reload", "the configuration's file has changed", {{"file", file_}});
  read_config();
}

void Reload::read_config() {
  auto fresh = read_();
  if (!fresh) return refuse(fresh.error());
  auto prepared = prepare(fresh.value().config);
  if (!prepared) return refuse(prepared.error());
  use(std::move(prepared.value()));
}

Result<Reload::Prepared> Reload::prepare(const Config& fresh) const {
  Prepared prepared;
  CISTERN_TRY(prepared.change, change_config(parts_.in_force.get()->config, fresh));
  const Config& config = prepared.change.config;
  CISTERN_TRY(prepared.format, make_format(config));
  CISTERN_TRY(prepared.keys, AccessKeySource::read(config.access_keys_none, config.access_keys));
  if (parts_.tls != nullptr) {
    CISTERN_TRY(prepared.tls, Tls::read(config.tls));
  }
  if (prepared.change.store_changed) {
    CISTERN_TRY(prepared.store, make_store(config.store, parts_.disk, parts_.runtime));
  }
  return prepared;
}

void Reload::use(Prepared prepared) {
  const ConfigChange& change = prepared.change;
  const Config& config = change.config;
  set_logging(config);
  parts_.admission.set_capacity(config.limits.in_flight_bytes);
  parts_.limits.set(std::make_shared<const Limits>(config.limits));
  parts_.framer.use(config.limits, std::move(prepared.format));
  parts_.level.use(fixed_level(config));
  parts_.keys.use(std::move(prepared.keys));
  if (prepared.tls) parts_.tls->use(std::move(*prepared.tls));
  parts_.delivery_server.use(config.server, config.limits.long_head_bytes);
  if (parts_.ops_server != nullptr) parts_.ops_server->use(config.server, config.limits.long_head_bytes);
  if (prepared.store) parts_.store.replace(std::move(prepared.store));
  publish_config(config, parts_.metrics);
  publish_certificate();
  tell(config, true,
       change.needs_restart.empty()
           ? "in use"
           : "in use, but for what waits for a restart: " + join_list(change.needs_restart));
  // The last: what is told of it holds everywhere then.
  asio::post(parts_.runtime.disk(), [this, change] {
    parts_.uploader.use(change.config.store.uploads);
    parts_.partitions.use(partition_options(change.config));
    log_info("reloaded", change.changed.empty() ? "nothing has changed" : "the new configuration is in use",
             {{"changed", join_list(change.changed)}, {"hash", config_hash(change.config)}});
    if (!change.needs_restart.empty()) {
      log_warning("restart_needed", "these settings have changed and wait for a restart",
                  {{"settings", join_list(change.needs_restart)}});
    }
    note(change.changed.empty() ? "unchanged" : "applied", true);
  });
}

void Reload::refuse(const Error& error) {
  log_error("reload_refused", error.what + "\nNothing was changed: the old configuration stays in use.");
  tell(parts_.in_force.get()->config, false, kRefused);
  note("refused", false);
}

void Reload::tell(const Config& config, bool taken, std::string text) {
  parts_.in_force.set(std::make_shared<const ConfigInForce>(
      ConfigInForce{config, ReloadOutcome{parts_.runtime.wall_ms(), taken, std::move(text)}}));
}

void Reload::note(const char* outcome, bool good) {
  if (*outcome != 0) parts_.metrics.reloads.of(outcome).Increment();
  parts_.metrics.reload_successful.Set(good ? 1 : 0);
  parts_.metrics.reload_timestamp.Set(static_cast<double>(parts_.runtime.wall_ms()) / 1000);
}

void Reload::publish_certificate() {
  if (parts_.tls == nullptr) return;
  parts_.metrics.certificate_expiry_timestamp.Set(static_cast<double>(parts_.tls->certificate_expires_at()));
}

}  // namespace cistern

// The configuration in force, and how another one takes its place while deliveries come in: by SIGHUP, and
// when its file, the certificate's or an access key's changes.
//
// All or nothing: everything that can fail is made first, then each part is told, at its own boundary: a
// delivery keeps the layout and limits that it began with, a request the time-outs, what waits or is sealed
// its partition and key; the next object goes out by the new store's options, and so does the next try of an
// old one, under the same key and with the same bytes.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "handlers/admission.h"
#include "pipeline/archive/partitions.h"
#include "pipeline/archive/uploader.h"
#include "pipeline/decode/delivery_framer.h"
#include "pipeline/disk.h"
#include "pipeline/latest.h"
#include "pipeline/level_control.h"
#include "pipeline/metrics.h"
#include "pipeline/store/replaceable_store.h"
#include "server/access_key_source.h"
#include "server/config/changes.h"
#include "server/config/sources.h"
#include "server/https_server.h"
#include "server/runtime.h"
#include "server/status/config_in_force.h"
#include "server/tls.h"

namespace cistern {

// Those that are told; all outlive it.
struct ReloadedParts {
  Runtime& runtime;
  Disk& disk;
  Metrics& metrics;
  ReplaceableStore& store;
  Uploader& uploader;
  Partitions& partitions;
  DeliveryFramer& framer;
  LevelControl& level;
  AccessKeySource& keys;
  Admission& admission;
  Latest<Limits>& limits;
  Tls* tls;  // null: off
  HttpsServer& delivery_server;
  HttpsServer* ops_server;  // null: off
  Latest<ConfigInForce>& in_force;
};

// One thread at a time.
class Reload {
 public:
  using Read = std::function<Result<LoadedConfig>()>;

  // `loaded` is in force, and parts.in_force says so.
  Reload(LoadedConfig loaded, Read read, const ReloadedParts& parts);

  // Reads everything again.
  void now();
  // Reads what has changed; to be called about once a second. The configuration's file is taken once it was
  // the same twice, so that nobody's half-written one is.
  void if_changed();

 private:
  struct Prepared;
  void read_config();
  Result<Prepared> prepare(const Config& fresh) const;
  void use(Prepared prepared);
  void refuse(const Error& error);
  void note(const char* outcome, bool good);
  void tell(const Config& config, bool taken, std::string text);
  void publish_certificate();

  const Read read_;
  const ReloadedParts parts_;
  const std::string file_;  // empty: there is none
  Sha256 seen_;             // digest of the file that was last read
  Sha256 before_;           // digest of the file at the last look
  uint64_t looks_ = 0;
};

}  // namespace cistern

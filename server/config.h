// Everything an operator can set, with its defaults. What may be written, under which name, stands in
// config/table.cc; where it is read from, in config/sources.h. Lifetime: made at start, immutable; a reload
// makes a new one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/acknowledge.h"
#include "pipeline/decode/line_format.h"
#include "pipeline/journal/journal.h"
#include "pipeline/limits.h"
#include "pipeline/log.h"
#include "pipeline/store/credentials/aws_environment.h"
#include "pipeline/store/credentials/role_to_assume.h"
#include "pipeline/store/s3_object_settings.h"
#include "server/config/values.h"

namespace cistern {

struct AccessKeyConfig {
  std::string name;              // in metrics and logs
  std::string value;             // secret; or
  std::string value_file;        // read at start and when it changes
  uint64_t in_flight_bytes = 0;  // its own quota; 0: none
};

struct ServerConfig {
  Endpoint listen{"0.0.0.0", 8443};
  std::vector<std::string> paths{"/", "/firehose"};
  uint64_t connections = 4096;
  uint64_t header_bytes = 256ull << 10;
  int64_t handshake_timeout_ms = 10'000;
  int64_t header_timeout_ms = 30'000;    // from a request's first byte to its head's last
  int64_t progress_timeout_ms = 30'000;  // longest wait for the next body bytes, and for a reply to be taken
  int64_t idle_timeout_ms = 120'000;     // between requests: longer than a balancer's 60 s
  int64_t reply_timeout_ms = 170'000;    // below Firehose's three minutes: then the answer is busy
  uint64_t drain_bytes = 16ull << 20;    // of an unread body, after an early reply
  int64_t linger_timeout_ms = 5'000;     // and how long, before the connection is closed hard
};

struct TlsConfig {
  bool off = false;
  std::string certificate;  // PEM chain
  std::string private_key;  // PEM
};

struct PartitionConfig {
  std::string prefix;
  std::string key = "{yyyy}/{mm}/{dd}/{hh}/";
  std::string dead_letter_key = "dead-letters/{yyyy}/{mm}/{dd}/{hh}/";
  uint64_t flush_size = 64ull << 20;
  int64_t flush_age_ms = 5 * 60'000;
  int64_t late_flush_age_ms = 15 * 60'000;
};

struct FormatConfig {
  std::string codec = "gzip";
  std::string level = "auto";  // auto, fastest, 1..12
  EventId event_id = EventId::full;
  std::vector<std::string> fields{"timestamp", "id", "owner", "logGroup", "logStream", "message"};
};

struct StoreConfig {
  std::string type = "file";  // file, s3
  std::string path = "archive";
  std::string bucket;
  std::string prefix;
  std::string region = "us-east-1";
  std::string endpoint;  // empty: AWS's own for the region
  bool path_style = false;
  bool dual_stack = false;
  bool fips = false;
  S3ObjectSettings object;
  std::string proxy;          // secret, since it may hold a password; "off": none
  std::string no_proxy;       // of the environment's proxy: hosts that are reached without it
  std::string access_key_id;  // empty: another source, see pipeline/store/credentials/choose_credentials.h
  Secret secret_access_key;
  Secret session_token;
  AwsEnvironment aws;
  RoleToAssume assume_role;     // without an ARN: none
  std::string ca_file;          // PEM, for a private endpoint
  uint64_t uploads = 8;         // at once
  int64_t timeout_ms = 60'000;  // without progress, of one try
  int64_t connect_timeout_ms = 10'000;
};

struct RuntimeConfig {
  uint64_t io_threads = 1;
  uint64_t workers = 0;  // 0: one a processor
  int64_t drain_timeout_ms = 25'000;
};

struct Config {
  ServerConfig server;
  TlsConfig tls;
  bool access_keys_none = false;
  std::vector<AccessKeyConfig> access_keys;
  Acknowledge acknowledge = Acknowledge::durable;
  uint64_t memory_limit = 512ull << 20;
  JournalOptions journal;
  PartitionConfig partition;
  FormatConfig format;
  StoreConfig store;
  std::optional<Endpoint> metrics_listen = Endpoint{"127.0.0.1", 9464};
  Limits limits;
  RuntimeConfig runtime;
  LogLevel log_level = LogLevel::info;
  std::optional<LogFormat> log_format;  // none: text on a terminal, otherwise json
};

}  // namespace cistern

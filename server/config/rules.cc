// What must hold between settings: see check_rules in reading.h. Each rule says what to change.
#include <algorithm>
#include <cctype>

#include "server/config/reading.h"

namespace cistern {
namespace {

void check_tls(ConfigReading& reading) {
  const TlsConfig& tls = reading.config.tls;
  if (tls.off) {
    bool overruled = reading.from_variable("tls.certificate") && !reading.from_variable("tls");
    if (overruled)
      reading.conflict({"tls.certificate", "tls"}, "is set, but tls is off; take one of them away");
    return;
  }
  const char* why =
      "is not set; name a PEM file, or write `tls: off` to serve plain HTTP behind a load balancer";
  if (tls.certificate.empty()) reading.conflict({"tls.certificate", "tls"}, why);
  if (tls.private_key.empty()) reading.conflict({"tls.private_key", "tls"}, why);
}

bool is_key_name(const std::string& name) {
  return std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-' || c == '.'; });
}

void check_access_key(size_t index, ConfigReading& reading) {
  const auto& keys = reading.config.access_keys;
  const AccessKeyConfig& key = keys[index];
  std::string path = "access_keys[" + std::to_string(index) + "]";
  if (key.name.empty())
    reading.conflict({path, path + ".name"}, "has no name; metrics and logs need one");
  else if (!is_key_name(key.name))
    reading.conflict({path}, "name may have letters, digits, _ - and . only");
  if (key.value.empty() == key.value_file.empty())
    reading.conflict({path, path + ".value", path + ".value_file"},
                     "needs one of value and value_file, and not both");
  auto first =
      std::find_if(keys.begin(), keys.end(), [&](const auto& other) { return other.name == key.name; });
  if (first != keys.begin() + static_cast<ptrdiff_t>(index) && !key.name.empty())
    reading.conflict({path}, "has the name of another access key, " + in_quotes(key.name));
}

void check_access_keys(ConfigReading& reading) {
  const Config& config = reading.config;
  if (config.access_keys.empty() && !config.access_keys_none)
    reading.conflict(
        {"access_keys"},
        "there are none; add `access_keys: [ { name: firehose, value: \"${CISTERN_ACCESS_KEY}\" } ]`, set "
        "CISTERN_ACCESS_KEYS_FIREHOSE, or write `access_keys: none` to let everyone send");
  bool contradicts = config.access_keys_none && reading.from_variable("access_keys");
  for (size_t i = 0; i < config.access_keys.size(); ++i) {
    check_access_key(i, reading);
    auto path = "access_keys[" + std::to_string(i) + "]";
    if (contradicts && reading.from_variable(path))
      reading.conflict({path}, "is set, but CISTERN_ACCESS_KEYS is none; take one of them away");
  }
}

void check_flush(ConfigReading& reading) {
  const Config& config = reading.config;
  const auto& partition = config.partition;
  if (partition.late_flush_age_ms < partition.flush_age_ms)
    reading.conflict({"partition.late_flush_age", "partition.flush_age"},
                     "is " + print_duration_ms(partition.late_flush_age_ms) +
                         ", must not be less than partition.flush_age (" +
                         print_duration_ms(partition.flush_age_ms) + ")");
  if (config.acknowledge != Acknowledge::stored) return;
  // The sender waits for the flush and the upload; half of its patience is left for the upload and its
  // retries.
  int64_t most = config.server.reply_timeout_ms / 2;
  auto check = [&](const std::string& path, int64_t age) {
    if (age > most)
      reading.conflict({path, "acknowledge", "timeouts.reply"},
                       "is " + print_duration_ms(age) + ", must be at most " + print_duration_ms(most) +
                           " (half of timeouts.reply) with `acknowledge: stored`, which answers only when "
                           "the store has it");
  };
  check("partition.flush_age", partition.flush_age_ms);
  check("partition.late_flush_age", partition.late_flush_age_ms);
}

// The first of two sizes must not be the larger one.
void check_order(ConfigReading& reading, const std::string& less, uint64_t less_bytes,
                 const std::string& more, uint64_t more_bytes) {
  if (less_bytes > more_bytes)
    reading.conflict({less, more}, "is " + print_size(less_bytes) + ", must not be more than " + more + " (" +
                                       print_size(more_bytes) + ")");
}

// The first must not be more than half of the second.
void check_half(ConfigReading& reading, const std::string& less, uint64_t less_bytes, const std::string& more,
                uint64_t more_bytes) {
  if (less_bytes > more_bytes / 2)
    reading.conflict({less, more}, "is " + print_size(less_bytes) + ", must not be more than half of " +
                                       more + " (" + print_size(more_bytes) + ")");
}

void check_sizes(ConfigReading& reading) {
  const Config& config = reading.config;
  const Limits& limits = config.limits;
  check_order(reading, "limits.in_flight_bytes", limits.in_flight_bytes, "memory_limit", config.memory_limit);
  // Deliveries in flight count twice their bodies' bytes: a larger one would be busy for ever.
  check_half(reading, "limits.body_bytes", limits.body_bytes, "limits.in_flight_bytes",
             limits.in_flight_bytes);
  check_order(reading, "limits.body_bytes", limits.body_bytes, "limits.inflated_body_bytes",
              limits.inflated_body_bytes);
  check_half(reading, "limits.inflated_body_bytes", limits.inflated_body_bytes, "limits.in_flight_bytes",
             limits.in_flight_bytes);
  check_half(reading, "limits.header_bytes", config.server.header_bytes, "limits.long_head_bytes",
             limits.long_head_bytes);
  check_order(reading, "limits.inflated_record_bytes", limits.inflated_record_bytes,
              "limits.delivery_log_bytes", limits.delivery_log_bytes);
  check_order(reading, "partition.flush_size", config.partition.flush_size, "journal.max_bytes",
              config.journal.max_bytes);
  check_order(reading, "journal.segment_bytes", config.journal.segment_bytes, "journal.max_bytes",
              config.journal.max_bytes);
}

// A delivery that never fits would be busy for ever. The journal keeps two segments free of it, each an
// eighth of the bound at most.
void check_journal(ConfigReading& reading) {
  const JournalOptions& journal = reading.config.journal;
  const uint64_t body = reading.config.limits.body_bytes;
  const uint64_t kept = 2 * std::min(journal.segment_bytes, journal.max_bytes / 8);
  if (journal.max_bytes >= body + kept) return;
  const uint64_t least = std::min(body + 2 * journal.segment_bytes, body / 3 * 4 + MiB);
  reading.conflict({"journal.max_bytes", "limits.body_bytes"},
                   "is " + print_size(journal.max_bytes) +
                       ", which cannot hold one delivery of limits.body_bytes (" + print_size(body) +
                       "): set it to " + print_size((least + MiB - 1) / MiB * MiB) +
                       " or more, or lower limits.body_bytes");
}

// Leaves room for the longest key of a partition (800 bytes) and an object's name in S3's 1024.
constexpr size_t kMostStorePrefixBytes = 150;

// Every key begins with it: a store refuses each object of a wrong one, for ever.
void check_store_prefix(ConfigReading& reading) {
  const std::string& prefix = reading.config.store.prefix;
  auto wrong = [&](const std::string& why) { reading.conflict({"store.prefix"}, why); };
  const std::string slashes = "/" + prefix + "x/";  // what follows the prefix is part of its last name
  auto has = [&](const char* part) { return slashes.find(part) != std::string::npos; };
  if (prefix.size() > kMostStorePrefixBytes)
    wrong("has " + std::to_string(prefix.size()) + " bytes, must have at most " +
          std::to_string(kMostStorePrefixBytes) + ": the rest of a key needs the room");
  else if (has("//"))
    wrong("is " + in_quotes(prefix) + ", must not begin with '/' or have '//' in it");
  else if (has("/./") || has("/../"))
    wrong("is " + in_quotes(prefix) + "; '.' or '..' is no folder's name");
}

void check_store(ConfigReading& reading) {
  check_store_prefix(reading);
  const StoreConfig& store = reading.config.store;
  if (store.type == "s3") {
    if (store.bucket.empty())
      reading.conflict({"store.bucket", "store.type"}, "is not set; `type: s3` needs it");
    if (store.access_key_id.empty() != store.secret_access_key.empty())
      reading.conflict({"store.access_key_id", "store.secret_access_key"},
                       "and store.secret_access_key go together; only one of them is set");
  } else {
    if (!store.bucket.empty())
      reading.conflict({"store.bucket", "store.type"}, "is set, but store.type is file; write `type: s3`");
    if (store.path.empty())
      reading.conflict({"store.path", "store.type"}, "is empty; name the archive's folder");
    if (store.path == reading.config.journal.path)
      reading.conflict({"store.path", "journal.path"}, "is the journal's folder too; give each its own");
  }
  bool is_url = store.endpoint.starts_with("http://") || store.endpoint.starts_with("https://");
  if (!store.endpoint.empty() && !is_url)
    reading.conflict({"store.endpoint"},
                     "is " + in_quotes(store.endpoint) + ", must start with https:// or http://");
}

void check_server(ConfigReading& reading) {
  const ServerConfig& server = reading.config.server;
  for (const auto& path : server.paths)
    if (path[0] != '/' || path.find_first_of(" ?#") != std::string::npos)
      reading.conflict({"paths"},
                       "has " + in_quotes(path) + "; a path starts with / and has no space, ? or #");
    else if (path == "/livez" || path == "/readyz")
      reading.conflict({"paths"}, "has " + path + ", which answers load balancers");
  const auto& metrics = reading.config.metrics_listen;
  if (metrics && metrics->port != 0 && *metrics == server.listen)
    reading.conflict({"metrics.listen", "listen"}, "is the same as listen; give each its own port");
}

}  // namespace

void check_rules(ConfigReading& reading) {
  check_server(reading);
  check_tls(reading);
  check_access_keys(reading);
  check_sizes(reading);
  check_journal(reading);
  check_flush(reading);
  check_store(reading);
}

}  // namespace cistern

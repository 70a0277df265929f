// See table.h.
#include "server/config/table.h"

#include <algorithm>

#include "pipeline/ascii.h"

namespace cistern {
namespace {

using C = SettingOf<Config>;
using K = SettingOf<AccessKeyConfig>;

// The member `x` of an owner, as the makers want it.
#define AT(x) ([](auto& owner) -> auto& { return owner.x; })

const std::vector<Setting<Config>> kSettings = {
    {"listen", C::endpoint(AT(server.listen)),
     "address and port that take deliveries; port 0 lets the system choose"},
    {"paths", C::list(AT(server.paths), 1, 32), "request paths that take deliveries"},
    {"tls", C::choice(AT(tls.off), {{"off", true}, {"on", false}}),
     "off: plain HTTP, only behind a load balancer that ends TLS"},
    {"tls.certificate", C::text(AT(tls.certificate)),
     "PEM file: the certificate, then its chain; read again when it changes"},
    {"tls.private_key", C::text(AT(tls.private_key)),
     "PEM file: the certificate's private key, not encrypted"},
    {"access_keys", C::choice(AT(access_keys_none), {{"none", true}}),
     "none: whoever reaches the port may send"},
    {"acknowledge",
     C::choice(AT(acknowledge), {{"durable", Acknowledge::durable},
                                 {"stored", Acknowledge::stored},
                                 {"memory", Acknowledge::memory}}),
     "200 when the delivery is synced to disk (durable), when the store has it (stored), or at once "
     "(memory: a crash loses data)"},
    {"memory_limit", C::size(AT(memory_limit), 32 * MiB, 16 * TiB),
     "bytes of memory for deliveries and frames; the journal holds what is beyond it"},

    {"limits.connections", C::number(AT(server.connections), 1, 1'000'000),
     "open connections; at the limit the oldest without a right access key goes; without one, 503"},
    {"limits.header_bytes", C::size(AT(server.header_bytes), 8 * KiB, 16 * MiB),
     "one request's head (legal ones reach 64 KiB and more)"},
    {"limits.drain_bytes", C::size(AT(server.drain_bytes), 0, 64 * MiB),
     "of an unread body, read and dropped so that an early reply arrives"},
    {"limits.body_bytes", C::size(AT(limits.body_bytes), 64 * KiB, 4 * GiB),
     "one request's body on the wire"},
    {"limits.inflated_body_bytes", C::size(AT(limits.inflated_body_bytes), 64 * KiB, 16 * GiB),
     "the same after Content-Encoding: gzip"},
    {"limits.in_flight_bytes", C::size(AT(limits.in_flight_bytes), 64 * KiB, 16 * TiB),
     "deliveries in flight, twice their bodies' bytes, all connections together; beyond it: busy"},
    {"limits.long_head_bytes", C::size(AT(limits.long_head_bytes), MiB, 16 * TiB),
     "request heads of more than 16 KiB being read, all connections together; beyond it: busy"},
    {"limits.records", C::number(AT(limits.records), 1, 1'000'000),
     "records of one delivery (the protocol's own bound is 10000)"},
    {"limits.inflated_record_bytes", C::size(AT(limits.inflated_record_bytes), 64 * KiB, 4 * GiB),
     "one record after gunzip, text also once escaped; beyond it: a dead letter"},
    {"limits.delivery_log_bytes", C::size(AT(limits.delivery_log_bytes), 64 * KiB, 64 * GiB),
     "all records of a delivery after gunzip; beyond it: dead letters"},
    {"limits.delivery_line_bytes", C::size(AT(limits.delivery_line_bytes), 64 * KiB, 64 * GiB),
     "all NDJSON lines of a delivery; beyond it: dead letters"},
    {"limits.events_per_record", C::number(AT(limits.events_per_record), 1, 100'000'000),
     "log events of one record; beyond it: a dead letter"},
    {"limits.json_depth", C::number(AT(limits.json_depth), 4, 1024),
     "nesting of a record's JSON; beyond it: a dead letter"},
    {"limits.partitions_per_delivery", C::number(AT(limits.partitions_per_delivery), 1, 10'000'000),
     "partitions that one delivery's events may go to; beyond it: dead letters"},
    {"limits.open_partitions", C::number(AT(limits.open_partitions), 1, 10'000'000),
     "partitions open at once; beyond it the oldest is flushed"},

    {"timeouts.handshake", C::duration(AT(server.handshake_timeout_ms), 100, 5 * kMinute),
     "longest TLS handshake"},
    {"timeouts.header", C::duration(AT(server.header_timeout_ms), 100, 5 * kMinute),
     "from a request's first byte to its head's last"},
    {"timeouts.progress", C::duration(AT(server.progress_timeout_ms), 100, 5 * kMinute),
     "longest wait for the next bytes of a body, and for a reply to be taken"},
    {"timeouts.linger", C::duration(AT(server.linger_timeout_ms), 0, kMinute),
     "for limits.drain_bytes, before the connection is closed hard"},
    {"timeouts.idle", C::duration(AT(server.idle_timeout_ms), kSecond, kDay),
     "between requests; keep it above a load balancer's 60 s"},
    {"timeouts.reply", C::duration(AT(server.reply_timeout_ms), kSecond, 175 * kSecond),
     "then the answer is busy; Firehose gives up after 3 minutes"},
    {"timeouts.drain", C::duration(AT(runtime.drain_timeout_ms), 0, kHour),
     "at shutdown, to answer, seal and upload; the journal keeps the rest"},

    {"journal.path", C::text(AT(journal.path), 1),
     "folder, of this process alone; on a disk that outlives the process"},
    {"journal.max_bytes", C::size(AT(journal.max_bytes), 16 * MiB, 64 * TiB),
     "all of the journal; beyond it: busy"},
    {"journal.min_free_bytes", C::size(AT(journal.min_free_bytes), 0, 64 * TiB),
     "of the journal's file system; below it: busy"},
    {"journal.segment_bytes", C::size(AT(journal.segment_bytes), MiB, 4 * GiB), "one journal file"},
    {"journal.remember", C::duration(AT(journal.remember_seconds), kMinute, 30 * kDay, kSecond),
     "how long a delivery is remembered, to know it when it is sent again"},
    {"journal.remember_entries", C::number(AT(journal.remember_entries), 1000, 1'000'000'000),
     "and how many at most, the oldest forgotten first"},

    {"partition.prefix", C::text(AT(partition.prefix), 0, 512), "before every key, as it stands"},
    {"partition.key", C::text(AT(partition.key), 0, 512),
     "where an event goes: {yyyy} {mm} {dd} {hh} {owner} {log_group} {log_stream} {source} "
     "{attribute:NAME} {log_group:folders} {log_stream:export}; and objects' names, see below"},
    {"partition.dead_letter_key", C::text(AT(partition.dead_letter_key), 1, 512),
     "where records go that cannot be decoded"},
    {"partition.flush_size", C::size(AT(partition.flush_size), KiB, 4 * GiB),
     "compressed bytes at which a partition becomes an object"},
    {"partition.flush_age", C::duration(AT(partition.flush_age_ms), 100, kDay),
     "age of its oldest event in Cistern at which it does so too"},
    {"partition.late_flush_age", C::duration(AT(partition.late_flush_age_ms), 100, 7 * kDay),
     "the same for hours that are past, so that stragglers share objects"},

    {"format.codec", C::one_of(AT(format.codec), {"gzip"}), "of the objects"},
    {"format.level",
     C::one_of(AT(format.level),
               {"auto", "fastest", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"}),
     "how hard to compress; auto: by how busy the processors are"},
    {"format.event_id",
     C::choice(AT(format.event_id),
               {{"full", EventId::full}, {"short", EventId::short_}, {"none", EventId::none}}),
     "as it came, without the time stamp it repeats, or left out"},
    {"format.fields", C::list(AT(format.fields), 1, 32),
     "of a line, in this order; also: subscriptionFilters policyLevel extractedFields sourceArn requestId "
     "requestTimestamp commonAttributes"},

    {"store.type", C::one_of(AT(store.type), {"file", "s3"}), "file: a folder; s3: a bucket"},
    {"store.path", C::text(AT(store.path)), "file: the archive's folder"},
    {"store.bucket", C::text(AT(store.bucket), 0, 255),
     "s3: the bucket's name, or the alias or ARN of an access point"},
    {"store.prefix", C::text(AT(store.prefix), 0, 512),
     "s3: before every key, dead letters' too, as it stands"},
    {"store.region", C::text(AT(store.region), 1, 64), "s3: otherwise AWS_REGION or AWS_DEFAULT_REGION"},
    {"store.endpoint", C::text(AT(store.endpoint)),
     "s3: URL of another server than AWS's own; otherwise AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL"},
    {"store.path_style", C::boolean(AT(store.path_style)),
     "s3: the bucket in the path, not in the host's name"},
    {"store.dual_stack", C::boolean(AT(store.dual_stack)),
     "s3: AWS's endpoints for IPv4 and IPv6, STS's too; otherwise AWS_USE_DUALSTACK_ENDPOINT"},
    {"store.fips", C::boolean(AT(store.fips)),
     "s3: AWS's FIPS 140 endpoints, STS's too; otherwise AWS_USE_FIPS_ENDPOINT"},
    {"store.proxy", C::secret(AT(store.proxy), 0, 1024),
     "s3: http://[name:password@]host[:port], asked to CONNECT; otherwise HTTPS_PROXY and NO_PROXY; off: "
     "none"},
    {"store.access_key_id", C::text(AT(store.access_key_id), 0, 256),
     "s3: better left to the environment, a role or a profile, as for every AWS tool"},
    {"store.secret_access_key", C::secret(AT(store.secret_access_key), 0, 1024), "s3: with access_key_id"},
    {"store.session_token", C::secret(AT(store.session_token), 0, 16 * KiB),
     "s3: with access_key_id, when it is a temporary one"},
    {"store.assume_role.arn", C::text(AT(store.assume_role.arn), 0, 2048),
     "s3: a role that is assumed with those credentials, for another account's bucket"},
    {"store.assume_role.external_id", C::text(AT(store.assume_role.external_id), 0, 1224),
     "s3: when the role's trust policy asks for one"},
    {"store.assume_role.session_name", C::text(AT(store.assume_role.session_name), 0, 64),
     "s3: in the other account's CloudTrail; empty: cistern"},
    {"store.assume_role.duration",
     C::duration(AT(store.assume_role.duration_s), 15 * kMinute, 12 * kHour, kSecond),
     "s3: of a session, at most the role's own limit"},
    {"store.assume_role.tags", C::list(AT(store.assume_role.tags), 0, 50), "s3: of the session: name=value"},
    {"store.ca_file", C::text(AT(store.ca_file)),
     "s3: PEM file of authorities to trust for a private endpoint"},
    {"store.content_type", C::text(AT(store.object.content_type), 0, 256), "s3: of every object"},
    {"store.content_encoding", C::text(AT(store.object.content_encoding), 0, 64),
     "s3: gzip makes browsers and SDKs unpack what they get; see below"},
    {"store.checksum",
     C::choice(AT(store.object.checksum), {{"crc32c", "crc32c"}, {"crc64nvme", "crc64nvme"}, {"none", ""}}),
     "s3: sent with every object and compared with the answer's, beside the signature's SHA-256"},
    {"store.storage_class", C::text(AT(store.object.storage_class), 0, 64),
     "s3: such as STANDARD_IA, INTELLIGENT_TIERING, GLACIER_IR, GLACIER, DEEP_ARCHIVE; empty: the server's "
     "own"},
    {"store.sse",
     C::choice(
         AT(store.object.sse),
         {{"default", ""}, {"AES256", "AES256"}, {"aws:kms", "aws:kms"}, {"aws:kms:dsse", "aws:kms:dsse"}}),
     "s3: server-side encryption; default: as the bucket says"},
    {"store.sse_kms_key_id", C::text(AT(store.object.sse_kms_key_id), 0, 2048),
     "s3: ARN, id or alias of the key, in the bucket's region; empty: the account's own of S3"},
    {"store.sse_context", C::list(AT(store.object.sse_context), 0, 16),
     "s3: KMS encryption context, name=value"},
    {"store.sse_bucket_key", C::boolean(AT(store.object.sse_bucket_key)),
     "s3: one KMS request for many objects"},
    {"store.tags", C::list(AT(store.object.tags), 0, 10), "s3: of every object, name=value"},
    {"store.metadata", C::list(AT(store.object.metadata), 0, 32), "s3: of every object, name=value"},
    {"store.lock_mode",
     C::choice(AT(store.object.lock_mode),
               {{"none", ""}, {"GOVERNANCE", "GOVERNANCE"}, {"COMPLIANCE", "COMPLIANCE"}}),
     "s3: object lock, in a bucket made with it; nobody can undo COMPLIANCE"},
    {"store.lock_retain", C::duration(AT(store.object.lock_retain_ms), 0, 36'500 * kDay),
     "s3: how long it holds, from the upload on"},
    {"store.lock_legal_hold", C::boolean(AT(store.object.lock_legal_hold)),
     "s3: until somebody takes it off"},
    {"store.acl",
     C::choice(AT(store.object.acl), {{"none", ""},
                                      {"private", "private"},
                                      {"bucket-owner-read", "bucket-owner-read"},
                                      {"bucket-owner-full-control", "bucket-owner-full-control"}}),
     "s3: for another account's bucket that still has ACLs"},
    {"store.expected_bucket_owner", C::text(AT(store.object.expected_bucket_owner), 0, 64),
     "s3: the account that must own the bucket; requests are refused where another does"},
    {"store.requester_pays", C::boolean(AT(store.object.requester_pays)),
     "s3: accepts the cost in a bucket whose requesters pay"},
    {"store.uploads", C::number(AT(store.uploads), 1, 1024), "objects being uploaded at once"},
    {"store.timeout", C::duration(AT(store.timeout_ms), kSecond, kHour),
     "without progress, of one try of an upload"},
    {"store.connect_timeout", C::duration(AT(store.connect_timeout_ms), 100, 5 * kMinute),
     "s3: to look the server's name up, and as much to connect, TLS included"},

    {"metrics.listen", C::endpoint_or_off(AT(metrics_listen)),
     "address and port of the status page, /metrics, /livez and /readyz"},

    {"runtime.io_threads", C::number(AT(runtime.io_threads), 1, 256), "threads for sockets"},
    {"runtime.workers", C::number(AT(runtime.workers), 0, 1024),
     "threads for decoding and compressing; 0: one a processor"},

    {"log.level",
     C::choice(AT(log_level), {{"debug", LogLevel::debug},
                               {"info", LogLevel::info},
                               {"warning", LogLevel::warning},
                               {"error", LogLevel::error}}),
     "the least that is logged"},
    {"log.format",
     C::choice(AT(log_format),
               {{"json", LogFormat::json}, {"text", LogFormat::text}, {"auto", std::nullopt}}),
     "one line an occurrence; auto: text on a terminal, otherwise json"},
};

const std::vector<Setting<AccessKeyConfig>> kAccessKeySettings = {
    {"name", K::text(AT(name), 1, 64), "what metrics and logs call it"},
    {"value", K::secret(AT(value), 1, 4096), "the key itself; or"},
    {"value_file", K::text(AT(value_file), 1), "a file with the key alone in it; read again when it changes"},
    {"in_flight_bytes", K::size(AT(in_flight_bytes), 0, 16 * TiB),
     "its own quota of limits.in_flight_bytes, beyond it: 429; 0: none, a fair share while others wait"},
};
#undef AT

}  // namespace

const std::vector<Setting<Config>>& config_settings() { return kSettings; }

const std::vector<Setting<AccessKeyConfig>>& access_key_settings() { return kAccessKeySettings; }

const Setting<Config>* find_setting(std::string_view path) {
  const auto& all = config_settings();
  auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& setting) { return setting.path == path; });
  return found == all.end() ? nullptr : &*found;
}

std::vector<std::string> names_in(std::string_view section) {
  std::vector<std::string> names;
  const std::string within = section.empty() ? "" : std::string(section) + ".";
  for (const auto& setting : config_settings()) {
    if (!setting.path.starts_with(within)) continue;
    auto name = setting.path.substr(within.size());
    name.resize(std::min(name.find('.'), name.size()));
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return names;
}

std::string variable_of(std::string_view path) {
  std::string name = "CISTERN_";
  for (char c : path) name += c == '.' ? '_' : upper(c);
  return name;
}

}  // namespace cistern

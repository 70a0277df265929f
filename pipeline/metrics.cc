#include "pipeline/metrics.h"

#include "pipeline/codec.h"
#include "pipeline/decode/dead_letter.h"

namespace cistern {
namespace {

using prometheus::Histogram;
using prometheus::Registry;

prometheus::Counter& counter(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry).Add({});
}
prometheus::Gauge& gauge(Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}
Histogram& histogram(Registry& registry, const char* name, const char* help,
                     Histogram::BucketBoundaries buckets) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add({}, std::move(buckets));
}
// 0.5 ms to 170 s, about 2.5 times a step: one set for all, so that stages can be compared.
Histogram& in_seconds(Registry& registry, const char* name, const char* help) {
  return histogram(
      registry, name, help,
      {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 170});
}

}  // namespace

LabelledCounter::LabelledCounter(Registry& registry, const char* name, const char* help, const char* label,
                                 const std::vector<std::string>& known)
    : family_(prometheus::BuildCounter().Name(name).Help(help).Register(registry)), label_(label) {
  for (const std::string& value : known)
    of(value);  // present from the start, so that rates and alerts see zero
}

std::map<std::string, double> LabelledCounter::counts() const {
  std::map<std::string, double> counts;
  for (const prometheus::MetricFamily& family : family_.Collect())
    for (const prometheus::ClientMetric& metric : family.metric)
      counts[metric.label.front().value] = metric.counter.value;
  return counts;
}

InfoGauge::InfoGauge(Registry& registry, const char* name, const char* help, const char* label)
    : family_(prometheus::BuildGauge().Name(name).Help(help).Register(registry)), label_(label) {}

void InfoGauge::say(const std::string& value) {
  const std::lock_guard lock(mutex_);
  prometheus::Gauge& fresh = family_.Add({{label_, value}});
  fresh.Set(1);
  if (said_ != nullptr && said_ != &fresh) family_.Remove(said_);
  said_ = &fresh;
}

Metrics::Metrics(Registry& r)
    : deliveries(r, "cistern_deliveries_total",
                 "Deliveries, and whatever else but health checks came to their port, by the HTTP status of "
                 "the answer.",
                 "status", {"200", "400", "401", "404", "405", "429", "503"}),
      deliveries_by_key(r, "cistern_accepted_deliveries_total",
                        "Deliveries answered 200, by access key name.", "key", {}),
      connections_total(r, "cistern_connections_total", "Connections, by what became of them.", "outcome",
                        {"accepted", "refused_limit", "dropped_stranger", "tls_failed"}),
      connections(gauge(r, "cistern_connections", "Connections open now.")),
      certificate_expiry_timestamp(gauge(r, "cistern_certificate_expiry_timestamp_seconds",
                                         "When the certificate in use expires; 0 without TLS.")),
      in_flight_bytes(gauge(r, "cistern_in_flight_bytes", "Bytes taken of limits.in_flight_bytes.")),
      ack_seconds(in_seconds(r, "cistern_acknowledge_seconds",
                             "From a delivery's last header byte to its answer being ready to send.")),
      receive_seconds(
          in_seconds(r, "cistern_receive_seconds", "From a delivery's last header byte to its last byte.")),
      decode_seconds(in_seconds(r, "cistern_decode_seconds", "Decoding and framing one delivery.")),
      records(r, "cistern_records_total", "Firehose records, by what they held.", "kind",
              {"cloudwatch", "text", "control", "empty", "undecodable"}),
      events(counter(r, "cistern_events_total", "Log events decoded and framed.")),
      wire_bytes(counter(r, "cistern_received_bytes_total", "Request body bytes as received.")),
      body_bytes(counter(r, "cistern_body_bytes_total", "Request body bytes after Content-Encoding.")),
      log_bytes(counter(r, "cistern_log_bytes_total", "Record bytes after decompression.")),
      line_bytes(counter(r, "cistern_line_bytes_total", "NDJSON bytes before compression.")),
      frame_bytes(counter(r, "cistern_frame_bytes_total", "NDJSON bytes after compression.")),
      dead_letters(r, "cistern_dead_letters_total", "Records that went to the dead letters, by reason.",
                   "reason", dead_letter_reason_names()),
      level(gauge(r, "cistern_compression_level", "Compression level in use; 0 is the fastest codec.")),
      level_reasons(r, "cistern_compression_level_reasons_total",
                    "Deliveries compressed, by what their level was chosen for.", "reason",
                    {"configured", "workers_free", "some_wait", "many_wait"}),
      commit_seconds(in_seconds(r, "cistern_journal_commit_seconds",
                                "From handing a delivery to the journal to durable.")),
      sync_seconds(in_seconds(r, "cistern_journal_sync_seconds", "One sync of the journal.")),
      commit_deliveries(histogram(r, "cistern_journal_commit_deliveries", "Deliveries in one group commit.",
                                  {1, 2, 4, 8, 16, 32, 64, 128})),
      journal_written_bytes(
          counter(r, "cistern_journal_written_bytes_total", "Bytes written to the journal.")),
      journal_bytes(gauge(r, "cistern_journal_bytes", "Bytes that the journal takes on disk.")),
      journal_segments(gauge(r, "cistern_journal_segments", "Segment files of the journal.")),
      journal_healthy(
          gauge(r, "cistern_journal_healthy", "1 while the journal accepts deliveries, 0 once poisoned.")),
      oldest_unstored_timestamp(
          gauge(r, "cistern_oldest_unstored_timestamp_seconds",
                "When the oldest delivery that is not yet stored arrived; 0 when all is stored.")),
      lost_deliveries(counter(r, "cistern_lost_deliveries_total",
                              "Deliveries acknowledged from memory (acknowledge: memory) and then lost.")),
      repeats(r, "cistern_repeats_total", "What had been delivered before and was not archived again.",
              "kind", {"delivery", "record"}),
      remembered_oldest_timestamp(
          gauge(r, "cistern_remembered_oldest_timestamp_seconds",
                "When the oldest delivery that would be known again arrived; 0 when there is none.")),
      quarantined_bytes(
          counter(r, "cistern_journal_quarantined_bytes_total", "Damaged journal bytes copied aside.")),
      quarantined_frames(
          counter(r, "cistern_journal_quarantined_frames_total",
                  "Frames that damage on disk took from an object; what is left of them was copied aside.")),
      open_partitions(gauge(r, "cistern_open_partitions", "Partitions with frames that wait.")),
      pending_bytes(
          gauge(r, "cistern_pending_bytes", "Compressed bytes that are durable and not yet stored.")),
      memory_bytes(gauge(r, "cistern_pending_memory_bytes", "Of the pending bytes, those held in memory.")),
      flushes(r, "cistern_flushes_total", "Partitions flushed, by cause.", "cause",
              {"size", "age", "bound", "pinned", "drain"}),
      uploads(r, "cistern_uploads_total", "Tries to store an object, by outcome.", "outcome",
              {"stored", "already_ours", "taken", "retry", "fatal"}),
      upload_seconds(in_seconds(r, "cistern_upload_seconds", "One try to store an object.")),
      uploads_in_flight(gauge(r, "cistern_uploads_in_flight", "Objects being sent now.")),
      stored_objects(counter(r, "cistern_stored_objects_total", "Objects stored.")),
      stored_bytes(counter(r, "cistern_stored_bytes_total", "Bytes of the objects stored.")),
      stored_events(counter(r, "cistern_stored_events_total", "Events of the objects stored.")),
      configuration(r, "cistern_configuration_info",
                    "Always 1; the hash of the configuration in force, secrets left out.", "hash"),
      reloads(r, "cistern_reloads_total", "Times that the configuration was read again, by outcome.",
              "outcome", {"applied", "unchanged", "refused"}),
      reload_successful(gauge(r, "cistern_last_reload_successful",
                              "1 when the configuration was last read and used, 0 when it was refused.")),
      reload_timestamp(gauge(r, "cistern_last_reload_timestamp_seconds",
                             "When the configuration was last read, used or refused.")),
      clock_timestamp(gauge(r, "cistern_clock_timestamp_seconds",
                            "This machine's clock at the scrape; to compare with Prometheus' own.")),
      resident_bytes(gauge(r, "cistern_resident_memory_bytes", "Memory of the process that is in use.")),
      build_info(prometheus::BuildGauge()
                     .Name("cistern_build_info")
                     .Help("Version and compiler; always 1.")
                     .Register(r)),
      limits(prometheus::BuildGauge().Name("cistern_limit").Help("Configured limits, by name.").Register(r)) {
  level.Set(Level{}.value);  // until the first delivery chooses one; 0 would say that there is pressure
}

}  // namespace cistern

// Every metric that Cistern exports, made once by main and handed down. Label values come from fixed sets or
// from the configuration, never from requests. Any thread; counters are cheap but shared: add sums, not ones,
// on the hot path.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

namespace cistern {

// A family whose children are known by one label; made on first use and kept.
class LabelledCounter {
 public:
  LabelledCounter(prometheus::Registry& registry, const char* name, const char* help, const char* label,
                  const std::vector<std::string>& known);
  // Only with values of a bounded set.
  prometheus::Counter& of(const std::string& value) { return family_.Add({{label_, value}}); }
  std::map<std::string, double> counts() const;  // by the label's value, all there are

 private:
  prometheus::Family<prometheus::Counter>& family_;
  std::string label_;
};

// A gauge of value 1 whose label says something that changes.
class InfoGauge {
 public:
  InfoGauge(prometheus::Registry& registry, const char* name, const char* help, const char* label);
  void say(const std::string& value);

 private:
  prometheus::Family<prometheus::Gauge>& family_;
  const std::string label_;
  std::mutex mutex_;
  prometheus::Gauge* said_ = nullptr;
};

struct Metrics {
  explicit Metrics(prometheus::Registry& registry);

  // The edge.
  LabelledCounter deliveries;         // by HTTP status of the answer
  LabelledCounter deliveries_by_key;  // by the access key's configured name
  LabelledCounter connections_total;  // by outcome: accepted, refused_limit, dropped_stranger, tls_failed
  prometheus::Gauge& connections;
  prometheus::Gauge& certificate_expiry_timestamp;  // Unix seconds; 0: no TLS
  prometheus::Gauge& in_flight_bytes;
  prometheus::Histogram& ack_seconds;      // from the head's last byte to the answer handed to the socket
  prometheus::Histogram& receive_seconds;  // from the head's last byte to the body's last

  // Decoding and framing.
  prometheus::Histogram& decode_seconds;  // parse, decode and frame one delivery, on a worker
  LabelledCounter records;                // by kind: cloudwatch, text, control, empty, undecodable
  prometheus::Counter& events;
  prometheus::Counter& wire_bytes;   // request bodies as received
  prometheus::Counter& body_bytes;   // after Content-Encoding
  prometheus::Counter& log_bytes;    // decompressed records
  prometheus::Counter& line_bytes;   // NDJSON before compression
  prometheus::Counter& frame_bytes;  // NDJSON after compression
  LabelledCounter dead_letters;      // by reason
  prometheus::Gauge& level;          // compression level in use; 0: fastest
  LabelledCounter level_reasons;     // deliveries, by why at their level: see level_control.h

  // The journal.
  prometheus::Histogram& commit_seconds;     // append to durable
  prometheus::Histogram& sync_seconds;       // one fdatasync
  prometheus::Histogram& commit_deliveries;  // deliveries a group commit
  prometheus::Counter& journal_written_bytes;
  prometheus::Gauge& journal_bytes;
  prometheus::Gauge& journal_segments;
  prometheus::Gauge& journal_healthy;
  prometheus::Gauge&
      oldest_unstored_timestamp;         // Unix seconds of the oldest unstored frame's arrival; 0: none
  prometheus::Counter& lost_deliveries;  // acknowledged from memory, then refused by the journal
  LabelledCounter repeats;               // by what was seen before: delivery, record
  prometheus::Gauge& remembered_oldest_timestamp;  // Unix seconds; 0: nothing is remembered
  prometheus::Counter& quarantined_bytes;
  prometheus::Counter& quarantined_frames;  // that went bad on disk before they were stored

  // Partitions and the store.
  prometheus::Gauge& open_partitions;
  prometheus::Gauge& pending_bytes;  // compressed bytes waiting in partitions and uploads
  prometheus::Gauge& memory_bytes;   // of these, held in memory
  LabelledCounter flushes;           // by cause: size, age, bound, pinned, drain
  LabelledCounter uploads;           // by outcome: stored, already_ours, taken, retry, fatal
  prometheus::Histogram& upload_seconds;
  prometheus::Gauge& uploads_in_flight;
  prometheus::Counter& stored_objects;
  prometheus::Counter& stored_bytes;
  prometheus::Counter& stored_events;

  // The configuration.
  InfoGauge configuration;  // its hash
  LabelledCounter reloads;  // by outcome: applied, unchanged, refused
  prometheus::Gauge& reload_successful;
  prometheus::Gauge& reload_timestamp;  // Unix seconds; of the start, before the first

  // Itself; see server/process_metrics.h.
  prometheus::Gauge& clock_timestamp;  // Unix seconds
  prometheus::Gauge& resident_bytes;
  prometheus::Family<prometheus::Gauge>& build_info;
  prometheus::Family<prometheus::Gauge>& limits;  // by name
};

}  // namespace cistern

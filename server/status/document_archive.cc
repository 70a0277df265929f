// The parts about what waits and goes out: journal, open partitions, uploads.
#include <algorithm>
#include <cmath>
#include <set>

#include "pipeline/ascii.h"
#include "pipeline/utc_time.h"
#include "server/status/document_parts.h"

namespace cistern {
namespace {

constexpr size_t kUploadsListed = 50;
constexpr size_t kTextBytes = 1024;

Json waiting(const Waiting& waiting, int64_t now_ms) {
  return {{"partitions", waiting.partitions},
          {"bytes", waiting.bytes},
          {"events", waiting.events},
          {"oldest_seconds", seconds_since(waiting.oldest_ms, now_ms)}};
}

std::string hour_name(int64_t hour) { return utc_time(hour * kHour).substr(0, 13); }

// 1 to 9, by the share of the fullest hour; the root, so that small ones are told apart.
int heat_of(uint64_t bytes, uint64_t most) {
  if (bytes == 0) return 1;
  return 1 + static_cast<int>(8 * std::sqrt(static_cast<double>(bytes) / static_cast<double>(most)));
}

// Longer than it should have waited: the store does not keep up, or is away.
bool is_overdue(const Waiting& waiting, int64_t hour, const PartitionConfig& config, int64_t now_ms) {
  const bool past = hour < now_ms / kHour - 1;
  const int64_t due_ms = past ? config.late_flush_age_ms : config.flush_age_ms;
  return waiting.partitions > 0 && now_ms - waiting.oldest_ms > due_ms + due_ms / 2 + 5'000;
}

class Calendar {
 public:
  Calendar(const OpenPartitions& open, const PartitionConfig& config, int64_t now_ms)
      : open_(open), config_(config), now_ms_(now_ms) {
    for (const OpenPartition& partition : open.largest()) listed_.insert(partition.hour);
    for (const auto& [hour, waiting] : open.hours()) most_ = std::max(most_, waiting.bytes);
  }

  // The newest day first, those without anything left out; each with its 24 hours.
  Json days() const {
    std::set<int64_t, std::greater<>> days;
    for (const auto& [hour, waiting] : open_.hours()) days.insert(hour / 24);
    Json all = Json::array();
    for (const int64_t day : days) {
      Json hours = Json::array();
      for (int64_t hour = day * 24; hour < day * 24 + 24; ++hour) hours.push_back(cell(hour));
      all.push_back({{"date", hour_name(day * 24).substr(0, 10)}, {"hours", hours}});
    }
    return all;
  }

 private:
  Json cell(int64_t hour) const {
    const auto found = open_.hours().find(hour);
    Json json{{"hour", hour_name(hour)}};
    if (found == open_.hours().end()) {
      json["partitions"] = 0;
      return json;
    }
    json.update(waiting(found->second, now_ms_));
    json["heat"] = heat_of(found->second.bytes, most_);
    json["overdue"] = is_overdue(found->second, hour, config_, now_ms_);
    json["listed"] = listed_.count(hour) > 0;
    return json;
  }

  const OpenPartitions& open_;
  const PartitionConfig& config_;
  const int64_t now_ms_;
  std::set<int64_t> listed_;
  uint64_t most_ = 1;
};

Json largest(const OpenPartitions& open, int64_t now_ms) {
  Json list = Json::array();
  std::set<int64_t> seen;
  for (const OpenPartition& partition : open.largest()) {
    Json json{{"key", partition.key}, {"hour", hour_name(partition.hour)}};
    json.update(waiting(partition.waiting, now_ms));
    json.erase("partitions");
    json["first_of_hour"] = seen.insert(partition.hour).second;
    list.push_back(std::move(json));
  }
  return list;
}

const char* upload_state(const UploadUnderWay& upload) {
  if (!upload.error.empty()) return "trying again";
  return upload.tries > 0 ? "sending" : "building";
}

const char* runbook_of(bool permanent) { return permanent ? "CisternUploadsRefused" : "CisternUploadsFail"; }

Json upload_json(const UploadUnderWay& upload, int64_t now_ms) {
  Json json{{"key", upload.key.empty() ? upload.partition : upload.key},
            {"state", upload_state(upload)},
            {"bytes", upload.bytes},
            {"events", upload.events},
            {"seconds", seconds_since(upload.began_ms, now_ms)},
            {"tries", upload.tries},
            {"error", Json()}};
  if (!upload.error.empty())
    json["error"] = {{"text", printable(upload.error, kTextBytes)},
                     {"permanent", upload.permanent},
                     {"runbook", runbook_of(upload.permanent)}};
  return json;
}

Json errors_json(const UploadList& uploads, int64_t now_ms) {
  Json list = Json::array();
  for (const UploadError& error : uploads.errors())
    list.push_back({{"at", utc_time(error.at_ms)},
                    {"seconds_ago", seconds_since(error.at_ms, now_ms)},
                    {"times", error.times},
                    {"key", error.key},
                    {"text", printable(error.what, kTextBytes)},
                    {"permanent", error.permanent},
                    {"runbook", runbook_of(error.permanent)}});
  return list;
}

}  // namespace

Json journal_part(const StatusSources& sources, const ConfigInForce& config, const StatusMoment& moment) {
  const Metrics& metrics = sources.metrics;
  const uint64_t bytes = sources.journal.bytes();
  const uint64_t most = config.config.journal.max_bytes;
  const auto oldest_ms = static_cast<int64_t>(metrics.oldest_unstored_timestamp.Value() * 1000);
  return {{"bytes", bytes},
          {"max_bytes", most},
          {"fill", static_cast<double>(bytes) / static_cast<double>(most)},
          {"segments", static_cast<uint64_t>(metrics.journal_segments.Value())},
          {"healthy", sources.journal.healthy()},
          {"oldest_unstored_seconds", seconds_since(oldest_ms, moment.now_ms)},
          {"unstored_bytes", static_cast<uint64_t>(metrics.pending_bytes.Value())},
          {"unstored_bytes_in_memory", static_cast<uint64_t>(metrics.memory_bytes.Value())}};
}

Json open_part(const ConfigInForce& config, const StatusMoment& moment) {
  if (moment.open == nullptr) return {{"counted_at", Json()}};
  const OpenPartitions& open = *moment.open;
  Json json{{"counted_at", time_or_null(moment.open_ms)},
            {"flush_age_seconds", static_cast<double>(config.config.partition.flush_age_ms) / 1000},
            {"late_flush_age_seconds", static_cast<double>(config.config.partition.late_flush_age_ms) / 1000},
            {"flush_size_bytes", config.config.partition.flush_size}};
  json.update(waiting(open.all(), moment.now_ms));
  json["days"] = Calendar(open, config.config.partition, moment.now_ms).days();
  json["other_hours"] = waiting(open.other_hours(), moment.now_ms);
  json["largest"] = largest(open, moment.now_ms);
  json["not_listed"] = open.all().partitions - json["largest"].size();
  return json;
}

Json uploads_part(const StatusSources& sources, const ConfigInForce& config, int64_t now_ms) {
  const Metrics& metrics = sources.metrics;
  Json list = Json::array();
  for (const UploadUnderWay& upload : sources.uploads.under_way(kUploadsListed))
    list.push_back(upload_json(upload, now_ms));
  Json tries = Json::object();
  for (const auto& [outcome, count] : metrics.uploads.counts()) tries[outcome] = static_cast<uint64_t>(count);
  const auto in_flight = static_cast<uint64_t>(metrics.uploads_in_flight.Value());
  return {{"in_flight", in_flight},
          {"at_once", config.config.store.uploads},
          {"stored_objects", static_cast<uint64_t>(metrics.stored_objects.Value())},
          {"stored_events", static_cast<uint64_t>(metrics.stored_events.Value())},
          {"stored_bytes", static_cast<uint64_t>(metrics.stored_bytes.Value())},
          {"tries", tries},
          {"list", list},
          {"not_listed", in_flight - std::min<uint64_t>(in_flight, list.size())},
          {"last_errors", errors_json(sources.uploads, now_ms)}};
}

}  // namespace cistern

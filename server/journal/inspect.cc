#include "server/journal/inspect.h"

#include <cstdio>
#include <ostream>

#include <nlohmann/json.hpp>

#include "pipeline/journal/journal_format.h"
#include "pipeline/utc_time.h"
#include "server/journal/partition_summary.h"

namespace cistern {
namespace {

using Json = nlohmann::ordered_json;

PartitionSummary total_of(const Recovered& unstored) {
  PartitionSummary total;
  for (const JournaledFrame& frame : unstored.open) total.add(frame);
  for (const RecoveredSeal& sealed : unstored.sealed) {
    for (const JournaledFrame& frame : sealed.frames) total.add(frame);
  }
  return total;
}

uint64_t deliveries_in(const JournalReader& journal) {
  uint64_t deliveries = 0;
  for (const SegmentSummary& segment : journal.segments()) deliveries += segment.deliveries;
  return deliveries;
}

std::string counts_of(const PartitionSummary& summary) {
  return std::to_string(summary.frames) + " frames, " + std::to_string(summary.events) + " events, " +
         std::to_string(summary.bytes) + " bytes, oldest " + utc_time(summary.oldest_ms);
}

void print_segment(const SegmentSummary& segment, std::ostream& out) {
  out << segment.path << "\n";
  if (segment.found.header)
    out << "    journal " << segment.found.header->journal_id << ", segment " << segment.found.header->segment
        << ", begun " << utc_time(segment.found.header->created_ms) << "\n";
  else
    out << "    its header is damaged\n";
  out << "    " << segment.bytes << " bytes, of which " << segment.found.cut
      << " are written: " << segment.records() << " records, " << segment.deliveries
      << " of them deliveries with " << segment.frames << " frames, " << segment.seals << " seals, "
      << segment.stored << " stored\n";
  if (segment.records() > 0)
    out << "    records at " << segment.first_offset << " to " << segment.last_offset;
  if (segment.deliveries > 0)
    out << ", arrived " << utc_time(segment.first_arrived_ms) << " to " << utc_time(segment.last_arrived_ms);
  if (segment.seals > 0) out << ", sequences " << segment.first_sequence << " to " << segment.last_sequence;
  if (segment.records() > 0) out << "\n";
}

void print_unstored(const Recovered& unstored, std::ostream& out) {
  const PartitionSummary total = total_of(unstored);
  if (total.frames == 0) {
    out << "unstored: nothing\n";
    return;
  }
  out << "unstored: " << counts_of(total) << "\n";
  for (const RecoveredSeal& sealed : unstored.sealed) {
    out << "    sealed " << sealed.seal.sequence << ": " << sealed.seal.key << ", " << sealed.frames.size();
    if (sealed.frames.size() < sealed.seal.frames.size()) out << " of " << sealed.seal.frames.size();
    out << " frames, " << sealed.seal.events << " events, " << sealed.seal.size
        << " bytes; the store may have it\n";
  }
  for (const auto& [name, partition] : unstored_by_partition(unstored)) {
    out << "    partition " << (name.empty() ? "(no name)" : name) << ": " << counts_of(partition);
    if (partition.sealed > 0) out << ", " << partition.sealed << " of the frames sealed";
    out << "\n";
  }
}

Json json_of(const SegmentSummary& segment) {
  const auto& header = segment.found.header;
  return {{"file", segment.path},
          {"segment", segment.segment},
          {"journal", header ? header->journal_id : ""},
          {"begun_ms", header ? header->created_ms : 0},
          {"bytes", segment.bytes},
          {"written_bytes", segment.found.cut},
          {"records", segment.records()},
          {"deliveries", segment.deliveries},
          {"frames", segment.frames},
          {"seals", segment.seals},
          {"stored", segment.stored},
          {"offsets", {segment.first_offset, segment.last_offset}},
          {"arrived_ms", {segment.first_arrived_ms, segment.last_arrived_ms}},
          {"sequences", {segment.first_sequence, segment.last_sequence}}};
}

Json json_of(const PartitionSummary& summary) {
  return {{"frames", summary.frames},
          {"events", summary.events},
          {"bytes", summary.bytes},
          {"oldest_ms", summary.oldest_ms}};
}

Json json_of(const Recovered& unstored) {
  Json json = json_of(total_of(unstored));
  json["sealed"] = Json::array();
  for (const RecoveredSeal& sealed : unstored.sealed) {
    json["sealed"].push_back({{"key", sealed.seal.key},
                              {"sequence", sealed.seal.sequence},
                              {"frames", sealed.seal.frames.size()},
                              {"readable_frames", sealed.frames.size()},
                              {"events", sealed.seal.events},
                              {"bytes", sealed.seal.size}});
  }
  json["partitions"] = Json::array();
  for (const auto& [name, partition] : unstored_by_partition(unstored)) {
    Json each = {{"partition", name}};
    each.update(json_of(partition));
    each["sealed_frames"] = partition.sealed;
    json["partitions"].push_back(std::move(each));
  }
  return json;
}

}  // namespace

void print_journal(const JournalReader& journal, std::ostream& out) {
  out << "journal " << journal.folder().id() << ", format " << kJournalVersion << ": "
      << journal.segments().size() << " segments, " << journal.folder().segment_bytes() << " bytes; "
      << journal.folder().bytes() - journal.folder().segment_bytes() << " bytes in spare files; "
      << journal.quarantine().size() << " files in quarantine\n";
  for (const SegmentSummary& segment : journal.segments()) print_segment(segment, out);
  out << "deliveries: " << deliveries_in(journal) << " in these segments; " << journal.remembered()
      << " identities of deliveries and records are remembered\n";
  print_unstored(journal.unstored(), out);
  if (journal.damaged()) out << "damaged: see `cistern journal verify`\n";
}

void print_journal_json(const JournalReader& journal, std::ostream& out) {
  Json json = {{"journal", journal.folder().id()},
               {"format", kJournalVersion},
               {"bytes", journal.folder().bytes()},
               {"damaged_bytes", journal.unstored().quarantined_bytes},
               {"missing_segments", journal.missing()},
               {"quarantine", journal.quarantine()},
               {"deliveries", deliveries_in(journal)},
               {"remembered", journal.remembered()},
               {"segments", Json::array()},
               {"unstored", json_of(journal.unstored())}};
  for (const SegmentSummary& segment : journal.segments()) json["segments"].push_back(json_of(segment));
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
}

}  // namespace cistern

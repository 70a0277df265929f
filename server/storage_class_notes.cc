// See storage_class_notes.h.
#include "server/storage_class_notes.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace cistern {
namespace {

struct ClassFacts {
  std::string_view name;
  int days;              // billed at least
  uint64_t least_bytes;  // an object is billed as at least so large
  uint64_t added_bytes;  // billed on top of each object
  bool restored;         // must be restored before it can be read
};

constexpr std::array<ClassFacts, 5> kClasses{{{"STANDARD_IA", 30, 128 * KiB, 0, false},
                                              {"ONEZONE_IA", 30, 128 * KiB, 0, false},
                                              {"GLACIER_IR", 90, 128 * KiB, 0, false},
                                              {"GLACIER", 90, 0, 40 * KiB, true},
                                              {"DEEP_ARCHIVE", 180, 0, 40 * KiB, true}}};

std::string size_note(const ClassFacts& facts, const PartitionConfig& partition) {
  const std::string bytes = facts.least_bytes > 0
                                ? "bills every object as at least " + print_size(facts.least_bytes)
                                : "adds " + print_size(facts.added_bytes) + " to every object's bill";
  return std::string(facts.name) + " " + bytes +
         " and charges more for each: a small partition is flushed after " +
         print_duration_ms(partition.flush_age_ms) +
         ", however small; raise partition.flush_age and partition.flush_size, or let a lifecycle rule move "
         "objects from STANDARD later";
}

}  // namespace

std::vector<std::string> storage_class_notes(const Config& config) {
  const std::string& name = config.store.object.storage_class;
  const auto facts =
      std::find_if(kClasses.begin(), kClasses.end(), [&](const auto& one) { return one.name == name; });
  if (config.store.type != "s3" || facts == kClasses.end()) return {};
  std::vector<std::string> notes;
  notes.push_back(name + " bills at least " + std::to_string(facts->days) +
                  " days for every object, also when it is removed earlier");
  notes.push_back(size_note(*facts, config.partition));
  if (facts->restored)
    notes.push_back(name + " objects must be restored, for hours, before they can be read");
  return notes;
}

}  // namespace cistern

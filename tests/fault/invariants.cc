#include "tests/fault/invariants.h"

namespace cistern::test {
namespace {

// `sent` empty: an event that nobody sent.
std::string wrong_with(const ArchivedEvent& event, const Ledger& ledger) {
  const auto sent = ledger.find(event.identity);
  const std::string where = event.identity + " in " + event.key;
  if (sent == ledger.end()) return "nothing_invented: " + where;
  if (event.message != sent->second.message || event.timestamp_ms != sent->second.timestamp_ms)
    return "nothing_invented: not as it was sent: " + where;
  const std::string& partition = sent->second.partition;
  if (!event.key.starts_with(partition) || event.key.find('/', partition.size()) != std::string::npos)
    return "right_hour: " + where + " belongs into " + partition;
  return {};
}

// A delivery is admitted whole or not at all, and once.
std::string wrong_count(const std::string& identity, const SentEvent& sent, uint64_t count) {
  const std::string times =
      identity + " is there " + std::to_string(count) + " times of " + std::to_string(sent.copies);
  if (count > sent.copies) return "stored_exactly_once: " + times;
  if (sent.acknowledged && count < sent.copies) return "acknowledged_is_durable: " + times;
  if (count > 0 && count < sent.copies) return "nothing_invented: in part: " + times;
  return {};
}

}  // namespace

std::string broken_invariant(const Ledger& ledger, const ArchiveReader& archive, const FaultyStore& store) {
  if (!store.changed_key().empty()) return "objects_immutable: " + store.changed_key();
  if (!archive.unreadable().empty()) return "every_object_opens: " + archive.unreadable();
  for (const ArchivedEvent& event : archive.events()) {
    if (auto wrong = wrong_with(event, ledger); !wrong.empty()) return wrong;
  }
  for (const auto& [identity, sent] : ledger) {
    if (auto wrong = wrong_count(identity, sent, archive.count(identity)); !wrong.empty()) return wrong;
  }
  return {};
}

}  // namespace cistern::test

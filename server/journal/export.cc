#include "server/journal/export.h"

#include <algorithm>
#include <map>

#include "pipeline/archive/object_builder.h"
#include "pipeline/archive/object_key.h"

namespace cistern {

namespace asio = boost::asio;

namespace {

asio::awaitable<Result<>> put(Object object, ObjectStore& into, Exported& exported) {
  const auto shared = std::make_shared<const Object>(std::move(object));
  CISTERN_CO_TRY(const PutOutcome outcome, co_await into.put(shared));
  if (outcome == PutOutcome::taken) {
    co_return invalid("a file " + shared->key +
                      " is there with another content, and is not replaced: name an empty folder");
  }
  ++exported.files;
  exported.there_already += outcome == PutOutcome::already_ours;
  exported.events += shared->events;
  exported.bytes += shared->size;
  co_return ok();
}

std::map<std::string, std::vector<JournaledFrame>> open_by_partition(const Recovered& unstored) {
  std::map<std::string, std::vector<JournaledFrame>> partitions;
  for (const JournaledFrame& frame : unstored.open) partitions[frame.info.partition].push_back(frame);
  return partitions;
}

}  // namespace

asio::awaitable<Result<Exported>> export_unstored(const JournalReader& journal, ObjectStore& into) {
  Exported exported;
  for (const RecoveredSeal& sealed : journal.unstored().sealed) {
    if (sealed.frames.empty()) continue;
    CISTERN_CO_TRY(Object object, build_object(journal, sealed.frames, into.checksums_wanted()));
    object.key = sealed.seal.key;
    object.journal_id = journal.folder().id();
    object.sequence = sealed.seal.sequence;
    CISTERN_CO_TRY(co_await put(std::move(object), into, exported));
  }
  for (const auto& [partition, frames] : open_by_partition(journal.unstored())) {
    CISTERN_CO_TRY(Object object, build_object(journal, frames, into.checksums_wanted()));
    object.key = unsealed_key(partition, object.first_ms, journal.folder().id());
    object.journal_id = journal.folder().id();
    CISTERN_CO_TRY(co_await put(std::move(object), into, exported));
  }
  co_return exported;
}

}  // namespace cistern

// `cistern journal export`: what is not stored, as files below a folder, one for each sealed object and one
// for the rest of each partition.
#pragma once

#include <cstdint>

#include <boost/asio/awaitable.hpp>

#include "pipeline/journal/journal_reader.h"
#include "pipeline/store/object_store.h"

namespace cistern {

struct Exported {
  uint64_t files = 0;
  uint64_t there_already = 0;  // of these, those that an earlier export wrote
  uint64_t events = 0;
  uint64_t bytes = 0;
};

// `into`: a store of files, which never replaces one. Sealed objects keep their keys; the rest of a partition
// is named by unsealed_key(). The journal stays as it is. Errors: the first that there is, among them
// `invalid` for a file with that name and another content.
boost::asio::awaitable<Result<Exported>> export_unstored(const JournalReader& journal, ObjectStore& into);

}  // namespace cistern

// What must be true of every run, by name. Pure functions of what was sent and what was stored; each says
// what it found first, "name: how", or nothing.
#pragma once

#include <string>

#include "tests/fault/archive_reader.h"
#include "tests/fault/faulty_store.h"
#include "tests/fault/ledger.h"

namespace cistern::test {

// At the end, when everything acknowledged must have arrived:
//   acknowledged_is_durable  each acknowledged event is in the archive
//   stored_exactly_once      no event is there more often than it was sent
//   nothing_invented         nothing else is there, and every message is as it was sent
//   right_hour               each event lies under the hour of its own time
//   every_object_opens       each object is whole gzip of whole lines of JSON
//   objects_immutable        a key never had other bytes; a stranger's object is as it was
std::string broken_invariant(const Ledger& ledger, const ArchiveReader& archive, const FaultyStore& store);

}  // namespace cistern::test

// The key of an object: its partition, then a name that is unique over replicas and restarts and sorts by
// time.
//
//   2026/11/21/08/20261121T08Z-5f1c9a0b7e42-0000000017.ndjson.gz
//                 |             |            sequence of the seal in that journal
//                 |             journal id
//                 hour of the earliest event
//
// A partition that ends in an object's name (KeyTemplate) has the words of its own put in instead:
//
//   {minute} {second}      of the earliest event (zeros beyond the years 1970..9999)
//   {journal} {sequence}   as above
//   {uuid}                 of RFC 9562's version 8: the same for the same journal and sequence, no other's
#pragma once

#include <cstdint>
#include <string>

namespace cistern {

std::string object_key(const std::string& partition, int64_t first_ms, const std::string& journal_id,
                       uint64_t sequence);

// Of a file with what no seal has taken yet: "…-5f1c9a0b7e42-unsealed.ndjson.gz", never the key of an object.
std::string unsealed_key(const std::string& partition, int64_t first_ms, const std::string& journal_id);

}  // namespace cistern

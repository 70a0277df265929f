// Reads objects back as a user would - zlib and a JSON parser, nothing of the pipeline - and counts what is
// in them by identity (ledger.h). Says what is wrong with an object that cannot be read.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/fault/faulty_store.h"
#include "tests/fault/ledger.h"

namespace cistern::test {

struct ArchivedEvent {
  std::string key;
  std::string identity;
  std::string message;
  int64_t timestamp_ms = 0;
};

class ArchiveReader {
 public:
  // Reads what is new since the last call; a stranger's object is none of ours.
  void read(const std::map<std::string, StoredObject>& objects);

  const std::vector<ArchivedEvent>& events() const { return events_; }
  uint64_t count(const std::string& identity) const;
  // Empty, or the first object that does not open, and why.
  const std::string& unreadable() const { return unreadable_; }

 private:
  void read_object(const std::string& key, const std::string& bytes);
  bool read_line(const std::string& key, const std::string& line);

  std::set<std::string> keys_;  // read already
  std::vector<ArchivedEvent> events_;
  std::map<std::string, uint64_t> counts_;
  std::string unreadable_;
};

}  // namespace cistern::test

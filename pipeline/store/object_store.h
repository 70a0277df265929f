// Where objects end up. Seen by the stages through this header only; FileStore and S3Store implement it, one
// contract suite (tests/conformance/store_contract) checks them all.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "pipeline/buffer.h"
#include "pipeline/checksums.h"
#include "pipeline/digest.h"
#include "pipeline/result.h"

namespace cistern {

// An object's bytes, piece after piece, each loaded when it is needed: from memory or from the journal.
class ObjectBytes {
 public:
  virtual ~ObjectBytes() = default;
  virtual size_t pieces() const = 0;
  // May block on the disk: call it on the workers executor. The same bytes every time. Any thread.
  virtual Result<std::shared_ptr<const Buffer>> piece(size_t index) const = 0;
  // A piece could not be brought: the next try may fail at it again. Any thread.
  virtual bool failed() const { return false; }
};

// What an object is, as far as that can be told from outside.
struct ObjectFacts {
  uint64_t size = 0;
  Digest256 digest{};
  uint64_t events = 0;
  int64_t first_ms = 0;  // earliest and latest event time
  int64_t last_ms = 0;

  bool same_events(uint64_t count, int64_t first, int64_t last) const {
    return count == events && first == first_ms && last == last_ms;
  }
};

// What is sent: key, bytes, size and digest are fixed before the first try and the same on every try.
struct Object {
  std::string key;  // below the store's prefix; '/'-separated, no leading '/', no "." or ".." parts
  uint64_t size = 0;
  Digest256 digest{};     // of the kind that the store wants
  Checksums checksums{};  // those that the store wants
  std::shared_ptr<const ObjectBytes> bytes;
  // By these our own object is recognised under its key, also when another compressor's version made it.
  // Journal id and sequence alone do not do: a journal that was put back from an old copy uses sequences
  // again.
  std::string journal_id;
  uint64_t sequence = 0;
  uint64_t events = 0;
  int64_t first_ms = 0;
  int64_t last_ms = 0;
  // Where damage took a part of what was sealed: the whole, which an earlier try may have stored.
  std::optional<ObjectFacts> whole;

  ObjectFacts facts() const { return {size, digest, events, first_ms, last_ms}; }
};

// What a store says of an object that is there.
struct ObjectInfo {
  uint64_t size = 0;
  std::string journal_id;  // empty: not written by Cistern
  uint64_t sequence = 0;
  // Zeros where a store does not keep them.
  uint64_t events = 0;
  int64_t first_ms = 0;
  int64_t last_ms = 0;
};

// Whether the object that is there, of a store that keeps all of ObjectInfo, is this one or its whole.
inline bool is_ours(const ObjectInfo& there, const Object& object) {
  if (there.journal_id != object.journal_id || there.sequence != object.sequence) return false;
  if (object.facts().same_events(there.events, there.first_ms, there.last_ms)) return true;
  return object.whole && object.whole->same_events(there.events, there.first_ms, there.last_ms);
}

enum class PutOutcome {
  stored,        // it was not there, now it is, durably and whole
  already_ours,  // an earlier try of this same object had succeeded
  taken,  // the key holds another object, a stranger's or an older one of ours: nothing was replaced, another
          // key is needed
};

// Functions run on the caller's executor and resume there. Readers of the store never see part of an object.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  // What an object must carry for put(). Any thread.
  virtual ChecksumsWanted checksums_wanted() const { return {}; }
  // Never replaces. Errors: `retry` (outcome unknown or transient: do the same again), `busy` (the same, the
  // store asks for fewer) or `fatal` (an operator must act - permission, no such bucket, disk full; the data
  // is kept and tried again later), and those of the object's own pieces as they are. One object is put once
  // at a time.
  virtual boost::asio::awaitable<Result<PutOutcome>> put(std::shared_ptr<const Object> object) = 0;
  virtual boost::asio::awaitable<Result<std::optional<ObjectInfo>>> head(std::string key) = 0;
  // The whole object; for checks and tests. Error `invalid`: there is none.
  virtual boost::asio::awaitable<Result<Buffer>> get(std::string key) = 0;
  // Tries what can be tried without harm; leaves one empty object at most. The text says what was found.
  virtual boost::asio::awaitable<Result<std::string>> check() = 0;
};

}  // namespace cistern

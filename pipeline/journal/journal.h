// The write-ahead log that makes a delivery durable. One journal record holds one delivery whole; `seal`
// records fix which frames an object consists of; `stored` records say that the store has it. Format:
// journal_format.md.
//
// Threads: append() may be called on any thread. seal(), stored() and all callbacks run on the disk executor.
// read() may be called on any thread. The journal must outlive everything it has called back.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "pipeline/clock.h"
#include "pipeline/digest.h"
#include "pipeline/disk.h"
#include "pipeline/frame.h"
#include "pipeline/result.h"

namespace cistern {

struct Metrics;

struct JournalOptions {
  std::string path = "journal";
  uint64_t max_bytes = 10ull << 30;        // all segments together; at the bound append() answers busy
  uint64_t min_free_bytes = 256ull << 20;  // of the file system; below it append() answers busy
  uint64_t segment_bytes = 64ull << 20;    // a delivery larger than this gets a segment of its own
  // How long a delivery's identity is remembered. Longer while the wall clock cannot be believed: for as long
  // again after a start, and after the clock was set.
  int64_t remember_seconds = 6 * 3600;
  // And how many at most, the oldest forgotten first; a delivery counts as one and one for each of its
  // `records`. Bounded also by what fits into three quarters of a segment (2.5 million in 64 MiB).
  uint64_t remember_entries = 2'000'000;
  // Told, while it is opened, how much of it is read; on the thread that opens it. May be null.
  std::function<void(uint64_t read_bytes, uint64_t of_bytes)> progress = {};
};

// One delivery as it is journaled: all of it or nothing.
struct JournalEntry {
  std::string request_id;
  Digest128 content{};             // of all its records: with request_id, the delivery's identity
  std::vector<Digest128> records;  // of each CloudWatch record (not of bare text): repeats under another id
  int64_t arrived_ms = 0;
  std::vector<Frame> frames;  // may be empty (control messages only)
};

// Where a frame's bytes lie.
struct FrameRef {
  uint64_t segment = 0;
  uint64_t offset = 0;  // of the frame's first byte in the segment file
  uint64_t length = 0;
  auto operator<=>(const FrameRef&) const = default;  // NOLINT(modernize-use-nullptr): clang-tidy 14 sees a 0
};

struct JournaledFrame {
  FrameInfo info;
  FrameRef ref;
  int64_t arrived_ms = 0;
  std::shared_ptr<const Buffer> bytes;  // null: not in memory, Journal::read brings it
};

// A fixed object: what goes out under `key`, on every try and after every crash.
struct Seal {
  uint64_t sequence = 0;  // unique in this journal, rising, from 1; Journal::next_sequence gives it
  std::string key;        // the object's key, without the store's own prefix
  std::vector<FrameRef> frames;
  uint64_t size = 0;   // of the object's bytes
  Digest256 digest{};  // of the object's bytes
  uint64_t events = 0;
  int64_t first_ms = 0;
  int64_t last_ms = 0;
  // 0, or the unstored seal whose place this one takes: its key was taken; or, with the same sequence and key
  // and less frames, damage took the others, which count as stored from then on. All else stays what it was,
  // so that the whole object is known again if an earlier try has stored it.
  uint64_t replaces = 0;
};

// With less `frames` than `seal.frames`, damage took the others: the whole object cannot be built again. Seal
// what is left in its place.
struct RecoveredSeal {
  Seal seal;
  std::vector<JournaledFrame> frames;  // in the seal's order, bytes null
};

// What a restart puts back, oldest first.
struct Recovered {
  std::vector<JournaledFrame> open;   // neither sealed nor stored
  std::vector<RecoveredSeal> sealed;  // sealed, not stored: upload again under the same key
  uint64_t quarantined_bytes = 0;     // damage that was copied aside
};

enum class Appended {
  committed,  // durable now; the frames are the caller's to archive
  repeat,     // this very delivery is durable already: answer 200, archive nothing
  overlap,    // some of `records` are durable under another id: take them out (see Journal::seen) and append
              // again
};

// Brings frames back from where they lie.
class FrameReader {
 public:
  virtual ~FrameReader() = default;
  // Appends the frame's bytes. Errors: the disk's, or `fatal` where the frame's own checksum does not match.
  // Any thread.
  virtual Result<> read(const FrameRef& ref, Buffer& into) const = 0;
};

class Journal : public FrameReader {
 public:
  // `frames` only for `committed`, in the entry's order, still holding their bytes.
  using OnAppended = std::function<void(Result<Appended>, std::vector<JournaledFrame> frames)>;
  using OnDone = std::function<void(Result<>)>;

  // Group commit: everything that queued up during the last sync is written and synced as one. Errors: `busy`
  // at a bound (max_bytes, free space); `fatal` once poisoned by a failed write or sync (nothing is accepted
  // any more). A repeat of a delivery that is still being committed waits for that commit's outcome.
  virtual void append(JournalEntry entry, OnAppended done) = 0;

  // Done is called when the seal is durable. The frames must be unsealed, or in the seal that this one
  // replaces. Errors: `busy` when there is no space for even that (try again after some stored()), `fatal`
  // once poisoned.
  virtual void seal(Seal seal, OnDone done) = 0;
  // The store has the object: its frames are forgotten once that is durable (with the next group commit), and
  // the oldest segments, as far as no unstored frame is in them, are deleted or recycled.
  virtual void stored(uint64_t sequence) = 0;
  virtual uint64_t next_sequence() = 0;

  // Copies what lies at `ref` below quarantine/, durably, blocks that do not read as zeros; gives the copy's
  // path. For a frame that read() cannot bring any more. Disk executor.
  virtual Result<std::string> set_aside(const FrameRef& ref) = 0;
  // Whether the record of this digest is durable already. Any thread; an answer may be stale, append()
  // decides.
  virtual bool seen(const Digest128& record) const = 0;
  // Identities of deliveries and records that were seen, but went bad on disk before the store had all of
  // them: that they come again is no reason to call them stored. Known are those that recovery found damaged
  // and those set aside or told here since, the latest 100,000; none after the next restart unless the damage
  // is still there. Any thread.
  virtual void remember_lost(const std::vector<Digest128>& identities) = 0;
  virtual bool lost(const std::vector<Digest128>& identities) const = 0;

  virtual const std::string& id()
      const = 0;                       // random, 12 lower-case hex digits, made with the journal folder
  virtual uint64_t bytes() const = 0;  // on disk; any thread
  // Whether a delivery would be taken, as far as bounds go; `busy` says which one is reached. Ask before a
  // body is read. Any thread.
  virtual Result<> room() const = 0;
  bool full() const { return room().has_error(); }
  virtual bool healthy() const = 0;  // false once poisoned; any thread
  // The oldest segment that holds unstored frames, while the journal is so full that it should be emptied
  // first; nullopt otherwise. Disk executor.
  virtual std::optional<uint64_t> pinned_segment() const = 0;
};

// Locks the folder, reads what is there, cuts a torn tail, quarantines damage. Blocks; call before serving.
// Refuses a journal written by a newer version. `disk_executor` must run one thing at a time and be stopped,
// or have nothing of the journal left to run, before the journal is destroyed. Destroying writes nothing:
// what is durable is durable. `segment_bytes` is lowered to an eighth of `max_bytes` if it is more.
Result<std::unique_ptr<Journal>> open_journal(Disk& disk, const Clock& clock,
                                              boost::asio::any_io_executor disk_executor,
                                              JournalOptions options, Metrics& metrics, Recovered& recovered);

}  // namespace cistern

// The Journal that serves: a queue that any thread fills, and a group commit on the disk executor that takes
// what has queued up, decides, writes and syncs it as one, and answers. Opened by open_journal().
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "pipeline/journal/journal.h"
#include "pipeline/journal/leap_watch.h"
#include "pipeline/journal/seen_deliveries.h"
#include "pipeline/journal/segment_log.h"
#include "pipeline/journal/segment_retention.h"

namespace cistern {

class SegmentedJournal : public Journal {
 public:
  struct Parts {
    std::unique_ptr<SegmentLog> log;
    std::unique_ptr<SeenDeliveries> seen;
    std::vector<Digest128> lost;
    SegmentRetention retention;
    uint64_t next_sequence = 1;
  };

  SegmentedJournal(Parts parts, const Clock& clock, boost::asio::any_io_executor disk_executor,
                   Metrics& metrics);

  void append(JournalEntry entry, OnAppended done) override;
  void seal(Seal seal, OnDone done) override;
  void stored(uint64_t sequence) override;
  uint64_t next_sequence() override { return next_sequence_++; }
  Result<> read(const FrameRef& ref, Buffer& into) const override;
  Result<std::string> set_aside(const FrameRef& ref) override;
  bool seen(const Digest128& record) const override { return seen_->contains(record); }
  void remember_lost(const std::vector<Digest128>& identities) override;
  bool lost(const std::vector<Digest128>& identities) const override;
  const std::string& id() const override { return log_->id(); }
  uint64_t bytes() const override { return log_->bytes(); }
  Result<> room() const override { return log_->room(); }
  bool healthy() const override { return healthy_; }
  std::optional<uint64_t> pinned_segment() const override;

 private:
  // One thing to be written. By its type, one group of fields is used.
  struct Queued {
    RecordType type = RecordType::delivery;
    Buffer meta;
    JournalEntry entry;
    Digest128 identity{};
    std::vector<uint32_t> frame_crcs;
    std::vector<uint64_t> frame_offsets;  // once it is in a commit
    OnAppended on_appended;
    Seal seal;
    OnDone on_sealed;
    uint64_t number = 0;  // stored: the sequence; seen: up to which segment identities are carried forward
  };
  using Queue = std::vector<Queued>;
  enum class Decision {
    commit,        // it is in the commit
    answered,      // nothing to write
    undecided,     // depends on the outcome of this commit
    next_segment,  // the current one has no room
    no_space,      // not even for this: wait
    poisoned,
  };
  // What one turn of run() makes of the queue.
  struct Turn {
    Queue committed;
    Queue again;                  // for the next turn
    std::set<Digest128> digests;  // of deliveries and records in this commit
    bool rotate = false;
  };

  void enqueue(Queued item);
  void post_run();
  void run();
  Queue take_queue();
  void end_turn(Queue again);

  void decide_all(Queue work, Commit& commit, Turn& turn);
  Decision decide(Queued& item, Commit& commit, Turn& turn);
  Decision decide_delivery(Queued& item, Commit& commit, Turn& turn);
  Decision decide_room(const Commit& commit, uint64_t bytes, SegmentLog::For purpose, Error& why);

  void settle(Queued& item);
  void settle_delivery(Queued& item);
  std::vector<Digest128> owners_of(const FrameRef& ref) const;
  void drop_unneeded();
  void drop(const std::vector<uint64_t>& segments);

  void poison(const Error& error);
  void refuse_all(Queue& queue);
  static void refuse(Queued& item, const Error& error);

  const Clock& clock_;
  const boost::asio::any_io_executor disk_executor_;
  Metrics& metrics_;
  std::unique_ptr<SegmentLog> log_;
  std::unique_ptr<SeenDeliveries> seen_;
  SeenDeliveries lost_;
  SegmentRetention retention_;
  uint64_t next_sequence_;
  LeapWatch leap_watch_;
  bool carrying_ = false;  // a carry-forward is queued
  Queue waiting_;          // for space; tried again with every turn
  std::atomic<bool> healthy_{true};

  std::mutex queue_mutex_;
  Queue queue_;
  bool run_posted_ = false;
};

}  // namespace cistern

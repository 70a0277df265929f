#include "pipeline/journal/segmented_journal.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <boost/asio/post.hpp>

#include "pipeline/digest.h"
#include "pipeline/journal/frame_owner.h"
#include "pipeline/journal/frame_read.h"
#include "pipeline/log.h"

namespace cistern {

namespace {

constexpr uint64_t kMostLost = 100'000;  // grows with damage only

}  // namespace

SegmentedJournal::SegmentedJournal(Parts parts, const Clock& clock,
                                   boost::asio::any_io_executor disk_executor, Metrics& metrics)
    : clock_(clock),
      disk_executor_(std::move(disk_executor)),
      metrics_(metrics),
      log_(std::move(parts.log)),
      seen_(std::move(parts.seen)),
      lost_(kMostLost, seen_->remember_seconds()),
      retention_(std::move(parts.retention)),
      next_sequence_(parts.next_sequence) {
  metrics_.journal_healthy.Set(1);
  metrics_.remembered_oldest_timestamp.Set(static_cast<double>(seen_->oldest_seconds()));
  remember_lost(parts.lost);
  run_posted_ = true;
  post_run();  // what is stored already may go
}

// The checksums of frames are made here, on the caller's thread, beside others.
void SegmentedJournal::append(JournalEntry entry, OnAppended done) {
  Queued item;
  item.type = RecordType::delivery;
  encode_delivery(entry, item.meta);
  item.identity = delivery_identity(entry.request_id, entry.content);
  for (const Frame& frame : entry.frames) item.frame_crcs.push_back(crc32c(frame.bytes->view()));
  item.entry = std::move(entry);
  item.on_appended = std::move(done);
  enqueue(std::move(item));
}

void SegmentedJournal::seal(Seal seal, OnDone done) {
  Queued item;
  item.type = RecordType::seal;
  encode_seal(seal, item.meta);
  item.seal = std::move(seal);
  item.on_sealed = std::move(done);
  enqueue(std::move(item));
}

void SegmentedJournal::stored(uint64_t sequence) {
  Queued item;
  item.type = RecordType::stored;
  encode_stored(sequence, item.meta);
  item.number = sequence;
  enqueue(std::move(item));
}

Result<> SegmentedJournal::read(const FrameRef& ref, Buffer& into) const {
  const auto file = log_->file_of(ref.segment);
  return read_frame(file.get(), log_->id(), ref, into);
}

void SegmentedJournal::remember_lost(const std::vector<Digest128>& identities) {
  for (const Digest128& identity : identities) lost_.add({identity, 0}, 0);
}

bool SegmentedJournal::lost(const std::vector<Digest128>& identities) const {
  return lost_.contains_any(identities);
}

Result<std::string> SegmentedJournal::set_aside(const FrameRef& ref) {
  CISTERN_TRY(auto copy, log_->set_aside(ref));
  metrics_.quarantined_bytes.Increment(static_cast<double>(ref.length));
  remember_lost(owners_of(ref));
  return copy;
}

// Where damage hides whose it is: all that the segment brought. A repeat is then called busy for nothing,
// which costs a retry; a 200 for nothing would cost the delivery.
std::vector<Digest128> SegmentedJournal::owners_of(const FrameRef& ref) const {
  const auto segment = log_->file_of(ref.segment);
  if (auto known = segment ? owner_of_frame(*segment, log_->id(), ref) : std::nullopt) return *known;
  return seen_->in(ref.segment);
}

std::optional<uint64_t> SegmentedJournal::pinned_segment() const {
  if (!log_->half_full()) return std::nullopt;
  return retention_.oldest_unstored();
}

void SegmentedJournal::enqueue(Queued item) {
  const std::lock_guard lock(queue_mutex_);
  queue_.push_back(std::move(item));
  if (std::exchange(run_posted_, true)) return;
  post_run();
}

void SegmentedJournal::post_run() {
  boost::asio::post(disk_executor_, [this] { run(); });
}

// One group commit. What was appended during its sync is the next one.
void SegmentedJournal::run() {
  Turn turn;
  Queue work = take_queue();
  if (!healthy_) {
    refuse_all(work);
    return end_turn({});
  }
  if (leap_watch_.even_for_ms(seen_->remember_seconds() * 1000, clock_))
    seen_->forget_older(clock_.wall_ms() / 1000);
  Commit commit = log_->new_commit();
  decide_all(std::move(work), commit, turn);
  if (healthy_ && !commit.empty()) {
    const auto written = log_->write(commit);
    if (!written) poison(written.error());
  }
  if (!healthy_) {
    refuse_all(turn.committed);
    refuse_all(turn.again);
    return end_turn({});
  }
  const auto deliveries = std::count_if(turn.committed.begin(), turn.committed.end(),
                                        [](const Queued& item) { return item.type == RecordType::delivery; });
  if (deliveries > 0) metrics_.commit_deliveries.Observe(static_cast<double>(deliveries));
  for (Queued& item : turn.committed) settle(item);
  if (healthy_ && turn.rotate) {
    const auto rotated = log_->rotate(next_sequence_);
    if (rotated)
      retention_.add_segment(log_->segment());
    else
      poison(rotated.error());
  }
  if (healthy_) drop_unneeded();
  metrics_.remembered_oldest_timestamp.Set(static_cast<double>(seen_->oldest_seconds()));
  end_turn(std::move(turn.again));
}

SegmentedJournal::Queue SegmentedJournal::take_queue() {
  Queue work = std::exchange(waiting_, {});
  const std::lock_guard lock(queue_mutex_);
  std::move(queue_.begin(), queue_.end(), std::back_inserter(work));
  queue_.clear();
  return work;
}

void SegmentedJournal::end_turn(Queue again) {
  const std::lock_guard lock(queue_mutex_);
  queue_.insert(queue_.begin(), std::move_iterator(again.begin()), std::move_iterator(again.end()));
  run_posted_ = !queue_.empty();
  if (run_posted_) post_run();
}

void SegmentedJournal::decide_all(Queue work, Commit& commit, Turn& turn) {
  for (Queued& item : work) {
    switch (healthy_ && !turn.rotate ? decide(item, commit, turn) : Decision::undecided) {
      case Decision::commit:
        turn.committed.push_back(std::move(item));
        break;
      case Decision::answered:
        break;
      case Decision::next_segment:
        turn.rotate = true;
        [[fallthrough]];
      case Decision::undecided:
      case Decision::poisoned:
        turn.again.push_back(std::move(item));
        break;
      case Decision::no_space:
        waiting_.push_back(std::move(item));
        break;
    }
  }
}

SegmentedJournal::Decision SegmentedJournal::decide(Queued& item, Commit& commit, Turn& turn) {
  if (item.type == RecordType::delivery) return decide_delivery(item, commit, turn);
  if (item.type == RecordType::seen) {
    item.meta.clear();
    encode_seen(seen_->up_to(item.number), item.meta);
  }
  Error why{ErrorKind::fatal, {}};
  const Decision room = decide_room(commit, record_bytes(item.meta.size(), 0), SegmentLog::For::control, why);
  if (room == Decision::commit) commit.add(item.type, item.meta.view());
  if (room != Decision::no_space || item.type != RecordType::seal) return room;
  refuse(item, why);
  return Decision::answered;
}

SegmentedJournal::Decision SegmentedJournal::decide_delivery(Queued& item, Commit& commit, Turn& turn) {
  JournalEntry& entry = item.entry;
  if (seen_->contains(item.identity)) {
    item.on_appended(Appended::repeat, {});
    return Decision::answered;
  }
  if (seen_->contains_any(entry.records)) {
    item.on_appended(Appended::overlap, {});
    return Decision::answered;
  }
  const auto in_commit = [&](const Digest128& digest) { return turn.digests.contains(digest); };
  if (in_commit(item.identity) || std::any_of(entry.records.begin(), entry.records.end(), in_commit)) {
    return Decision::undecided;
  }
  Error why = log_->low_on_disk_error();
  const uint64_t bytes = record_bytes(item.meta.size(), delivery_body_bytes(entry.frames));
  const Decision room =
      log_->low_on_disk() ? Decision::no_space : decide_room(commit, bytes, SegmentLog::For::deliveries, why);
  if (room == Decision::no_space) {
    refuse(item, why);
    return Decision::answered;
  }
  if (room != Decision::commit) return room;
  item.frame_offsets = commit.add_delivery(item.meta.view(), entry.frames, item.frame_crcs);
  turn.digests.insert(item.identity);
  turn.digests.insert(entry.records.begin(), entry.records.end());
  return Decision::commit;
}

SegmentedJournal::Decision SegmentedJournal::decide_room(const Commit& commit, uint64_t bytes,
                                                         SegmentLog::For purpose, Error& why) {
  if (log_->fits(commit, bytes)) return Decision::commit;
  const auto prepared = log_->prepare(bytes, purpose);
  if (prepared) return Decision::next_segment;
  why = prepared.error();
  if (why.kind == ErrorKind::busy) return Decision::no_space;
  poison(why);
  return Decision::poisoned;
}

// The item is durable.
void SegmentedJournal::settle(Queued& item) {
  switch (item.type) {
    case RecordType::delivery:
      return settle_delivery(item);
    case RecordType::seal:
      retention_.add_seal(item.seal.sequence, item.seal.replaces, item.seal.frames);
      return item.on_sealed(ok());
    case RecordType::stored:
      return retention_.stored(item.number);
    case RecordType::seen:
      seen_->move_up_to(item.number, log_->segment());
      carrying_ = false;
      return;
    case RecordType::end:
      return;
  }
}

void SegmentedJournal::settle_delivery(Queued& item) {
  JournalEntry& entry = item.entry;
  const uint64_t segment = log_->segment();
  seen_->add_delivery(item.identity, entry.records, entry.arrived_ms, segment);
  retention_.add_frames(segment, entry.frames.size());
  std::vector<JournaledFrame> frames;
  frames.reserve(entry.frames.size());
  for (size_t i = 0; i < entry.frames.size(); ++i) {
    Frame& frame = entry.frames[i];
    const FrameRef ref{segment, item.frame_offsets[i], frame.bytes->size()};
    frames.push_back({std::move(frame.info), ref, entry.arrived_ms, std::move(frame.bytes)});
  }
  item.on_appended(Appended::committed, std::move(frames));
}

// Identities that live only in segments that are to go are written again first.
void SegmentedJournal::drop_unneeded() {
  const std::vector<uint64_t> segments = retention_.droppable();
  if (segments.empty() || carrying_) return;
  if (seen_->up_to(segments.back()).empty()) return drop(segments);
  carrying_ = true;
  Queued item;
  item.type = RecordType::seen;
  item.number = segments.back();
  const std::lock_guard lock(queue_mutex_);
  queue_.push_back(std::move(item));
}

void SegmentedJournal::drop(const std::vector<uint64_t>& segments) {
  for (const uint64_t segment : segments) retention_.drop(segment);
  const auto dropped = log_->drop(segments);
  if (!dropped) poison(dropped.error());
}

void SegmentedJournal::poison(const Error& error) {
  healthy_ = false;
  metrics_.journal_healthy.Set(0);
  log_error(
      "journal_poisoned",
      "the journal cannot be trusted after this failure: deliveries are refused until a restart recovers it",
      {{"reason", error.what}});
}

void SegmentedJournal::refuse_all(Queue& queue) {
  const Error error = fatal("the journal's disk failed: restart cistern when the disk works again");
  for (Queued& item : queue) refuse(item, error);
  queue.clear();
}

void SegmentedJournal::refuse(Queued& item, const Error& error) {
  if (item.type == RecordType::delivery) item.on_appended(error, {});
  if (item.type == RecordType::seal) item.on_sealed(error);
}

}  // namespace cistern

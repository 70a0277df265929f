#include "tests/fault/journal_history.h"

#include <algorithm>

namespace cistern::test {
namespace {

constexpr size_t kNone = SIZE_MAX;
constexpr size_t kMostDeliveries = 110;  // with their records less than the journal remembers

JournalOptions journal_options_of(uint64_t seed) {
  JournalOptions options;
  options.path = "journal";
  options.segment_bytes = 8192;
  options.max_bytes = seed % 3 == 0 ? 8 * 8192 : 40 * 8192;
  options.min_free_bytes = 0;
  return options;
}

}  // namespace

JournalHistory::JournalHistory(uint64_t seed, bool disk_lies)
    : random_(seed), disk_(seed ^ 0x9e3779b97f4a7c15), harness_(disk_, clock_, journal_options_of(seed)) {
  disk_.lie_about_sync(disk_lies);
}

void JournalHistory::fail(const std::string& invariant, const std::string& how) {
  if (failure_.empty()) failure_ = invariant + ": " + how;
}

std::string JournalHistory::run() {
  const uint64_t lives = 2 + below(5);
  for (uint64_t i = 0; i < lives && failure_.empty(); ++i) {
    if (!live()) break;
  }
  if (failure_.empty()) drain();
  return failure_;
}

bool JournalHistory::live() {
  if (!open()) return false;
  if (chance(0.8)) disk_.crash_at(1 + below(chance(0.3) ? 12 : 120));
  if (chance(0.15)) disk_.fail_sync_after(static_cast<int64_t>(below(12)));
  if (chance(0.1)) disk_.fail_write_after(static_cast<int64_t>(below(20)));
  for (uint64_t left = below(60); left > 0 && failure_.empty() && !disk_.crashed(); --left) {
    act();
    if (chance(0.4)) turn();
  }
  turn();
  harness_.close();
  disk_.fail_sync_after(-1);
  disk_.fail_write_after(-1);
  chance(0.6) ? disk_.crash() : disk_.kill();
  clock_.now_ms += 1000;
  return failure_.empty();
}

// Recovery may be struck as well, again and again.
bool JournalHistory::open() {
  for (int tries = 0; failure_.empty(); ++tries) {
    if (tries < 5 && chance(0.3)) disk_.crash_at(1 + below(20));
    const auto opened = harness_.open();
    if (opened && !disk_.crashed()) break;  // the power may fail during the last thing it does
    harness_.close();
    if (!opened && !disk_.crashed()) fail("everything is answered", "open failed: " + opened.error().what);
    chance(0.6) ? disk_.crash() : disk_.kill();
  }
  disk_.crash_at(0);
  if (failure_.empty()) check_recovered();
  return failure_.empty();
}

void JournalHistory::act() {
  const uint64_t choice = below(100);
  if (choice < 50) return append_new();
  if (choice < 58) return append_again();
  if (choice < 63) return append_overlapping();
  if (choice < 80) return seal_some();
  if (choice < 84) return replace_one();
  store_one();
}

void JournalHistory::append_new() {
  if (deliveries_.size() == kMostDeliveries) return;
  ModelDelivery delivery;
  delivery.id = "request-" + std::to_string(deliveries_.size());
  for (uint64_t left = below(4); left > 0; --left) {
    ModelFrame frame;
    frame.delivery = deliveries_.size();
    frame.bytes = std::to_string(frames_.size()) + ":" +
                  std::string(chance(0.03) ? 9000 : below(chance(0.5) ? 60 : 2500),
                              static_cast<char>('a' + frames_.size() % 26));
    delivery.frames.push_back(frames_.size());
    frames_.push_back(std::move(frame));
  }
  if (chance(0.5)) delivery.records.push_back(make_digest(next_record_++));
  deliveries_.push_back(std::move(delivery));
  submit(deliveries_.size() - 1);
}

void JournalHistory::append_again() {
  if (deliveries_.empty()) return;
  const size_t index = below(deliveries_.size());
  if (!deliveries_[index].pending) submit(index);
}

// Another delivery that brings a record which is in the journal.
void JournalHistory::append_overlapping() {
  if (deliveries_.empty() || !harness_.journal->healthy()) return;
  const ModelDelivery& other = deliveries_[below(deliveries_.size())];
  if (other.state != State::acknowledged || other.records.empty()) return;
  JournalEntry entry = make_entry("overlap-" + std::to_string(submissions_), "x", {"never to be seen"});
  entry.records = {make_digest(1'000'000'000), other.records[0]};
  const auto outcome = harness_.start_append(std::move(entry));
  turn();
  if (outcome->is(Appended::committed) || outcome->is(Appended::repeat)) {
    fail("repeats are known", "a record of " + other.id + " was taken again");
  }
}

void JournalHistory::submit(size_t index) {
  ModelDelivery& delivery = deliveries_[index];
  JournalEntry entry = make_entry(delivery.id, delivery.id, {}, clock_.now_ms);
  entry.records = delivery.records;
  for (const size_t frame : delivery.frames) entry.frames.push_back(make_frame(frames_[frame].bytes));
  delivery.pending = harness_.start_append(std::move(entry));
  ++submissions_;
  if (delivery.state == State::absent) delivery.order = submissions_;
}

void JournalHistory::seal_some() {
  std::vector<size_t> frames;
  for (size_t i = 0; i < frames_.size() && frames.size() < 5; ++i) {
    const ModelFrame& frame = frames_[i];
    const bool open = deliveries_[frame.delivery].state == State::acknowledged && frame.sequence == 0;
    if (open && !frame.stored && chance(0.6)) frames.push_back(i);
  }
  std::shuffle(frames.begin(), frames.end(), random_);
  if (!frames.empty()) submit_seal(std::move(frames), 0);
}

void JournalHistory::replace_one() {
  for (auto& [sequence, seal] : seals_) {
    if (!seal.durable || seal.stored_order != 0 || seal.pending || chance(0.5)) continue;
    std::vector<size_t> frames = seal.frames;
    if (frames.size() > 1 && chance(0.5)) frames.pop_back();
    turn();  // what becomes of this one is asked for alone
    if (!harness_.journal->healthy()) return;
    submit_seal(std::move(frames), sequence);
    turn();
    return;
  }
}

void JournalHistory::submit_seal(std::vector<size_t> frames, uint64_t replaces) {
  ModelSeal seal;
  seal.seal.sequence = harness_.journal->next_sequence();
  seal.seal.replaces = replaces;
  seal.seal.key = "key-" + std::to_string(seal.seal.sequence) + "-" + std::to_string(random_());
  for (const size_t frame : frames) {
    seal.seal.frames.push_back(frames_[frame].journaled.ref);
    frames_[frame].sequence = seal.seal.sequence;
  }
  seal.frames = std::move(frames);
  seal.order = ++submissions_;
  seal.pending = harness_.start_seal(seal.seal);
  if (seals_.contains(seal.seal.sequence)) fail("exactly once", "a sequence was given out twice");
  seals_.emplace(seal.seal.sequence, std::move(seal));
}

void JournalHistory::store_one() {
  for (auto& [sequence, seal] : seals_) {
    if (!seal.durable || seal.stored_order != 0 || chance(0.3)) continue;
    seal.stored_order = ++submissions_;
    harness_.journal->stored(sequence);
    return;
  }
}

// Lets the disk executor run dry and takes the answers.
void JournalHistory::turn() {
  harness_.run();
  for (ModelDelivery& delivery : deliveries_) {
    if (delivery.pending) take_append(delivery);
  }
  std::vector<uint64_t> refused;
  for (auto& [sequence, seal] : seals_) {
    if (!seal.pending) continue;
    take_seal(seal);
    if (!seal.durable && harness_.journal->healthy()) refused.push_back(sequence);
  }
  for (const uint64_t sequence : refused) undo_seal(sequence);
  if (harness_.journal->healthy()) durable_order_ = submissions_;  // also what stored() said, without traffic
}

void JournalHistory::take_append(ModelDelivery& delivery) {
  const auto outcome = std::exchange(delivery.pending, nullptr);
  if (!outcome->result) return fail("everything is answered", delivery.id + " was not");
  if (outcome->is(Appended::committed)) {
    if (delivery.state == State::acknowledged)
      return fail("repeats are known", delivery.id + " was committed twice");
    delivery.state = State::acknowledged;
    durable_order_ = std::max(durable_order_, delivery.order);
    for (size_t i = 0; i < delivery.frames.size(); ++i) {
      frames_[delivery.frames[i]].journaled = outcome->frames.at(i);
    }
  } else if (outcome->is(Appended::repeat)) {
    if (delivery.state == State::absent) fail("nothing invented", delivery.id + " is said to be a repeat");
    if (delivery.state == State::unknown && delivery.frames.empty()) delivery.state = State::acknowledged;
  } else if (outcome->is(Appended::overlap)) {
    fail("repeats are known", delivery.id + " is said to overlap");
  } else if (outcome->failed(ErrorKind::fatal) && delivery.state == State::absent) {
    delivery.state = State::unknown;
  }
}

void JournalHistory::take_seal(ModelSeal& seal) {
  const auto outcome = std::exchange(seal.pending, nullptr);
  if (!*outcome) return fail("everything is answered", "seal " + seal.seal.key + " was not");
  seal.durable = (*outcome)->has_value();
  if (!seal.durable) return;
  durable_order_ = std::max(durable_order_, seal.order);
  if (seal.seal.replaces != 0) forget_frames_of(seal.seal.replaces);
}

// Its frames are open again, unless another seal has them.
void JournalHistory::forget_frames_of(uint64_t sequence) {
  for (ModelFrame& frame : frames_) {
    if (frame.sequence == sequence) frame.sequence = 0;
  }
  seals_.erase(sequence);
}

// The seal did not come to be: what it wanted is as it was before.
void JournalHistory::undo_seal(uint64_t sequence) {
  const ModelSeal seal = std::move(seals_.at(sequence));
  seals_.erase(sequence);
  for (const size_t frame : seal.frames) frames_[frame].sequence = seal.seal.replaces;
}

size_t JournalHistory::frame_of(const FrameRef& ref) {
  const std::string bytes = harness_.read(ref);
  const size_t index = std::strtoull(bytes.c_str(), nullptr, 10);
  if (index < frames_.size() && frames_[index].bytes == bytes) return index;
  fail("nothing invented", "a frame holds: " + bytes.substr(0, 60));
  return kNone;
}

void JournalHistory::check_recovered() {
  constexpr uint64_t kOpen = 0;
  std::map<size_t, uint64_t> found;
  if (harness_.recovered.quarantined_bytes != 0) {
    fail("nothing invented", "damage where none is: " + disk_.list("journal/quarantine").value().at(0));
  }
  for (const JournaledFrame& journaled : harness_.recovered.open) {
    const size_t frame = frame_of(journaled.ref);
    if (frame == kNone) return;
    if (!found.emplace(frame, kOpen).second) fail("exactly once", "an open frame comes twice");
    frames_[frame].journaled = journaled;
  }
  for (const RecoveredSeal& sealed : harness_.recovered.sealed) check_sealed(sealed, found);
  if (!failure_.empty()) return;
  check_order();
  check_seals();
  if (failure_.empty()) check_deliveries(found);
}

void JournalHistory::check_sealed(const RecoveredSeal& recovered, std::map<size_t, uint64_t>& found) {
  const uint64_t sequence = recovered.seal.sequence;
  const auto model = seals_.find(sequence);
  if (model == seals_.end()) return fail("stored stays stored", "seal " + recovered.seal.key + " came back");
  if (model->second.seal.key != recovered.seal.key || model->second.seal.frames != recovered.seal.frames ||
      recovered.frames.size() != recovered.seal.frames.size()) {
    return fail("sealed stays sealed", "seal " + recovered.seal.key + " changed");
  }
  for (const JournaledFrame& journaled : recovered.frames) {
    const size_t frame = frame_of(journaled.ref);
    if (frame == kNone) return;
    if (!found.emplace(frame, sequence).second) fail("exactly once", "a sealed frame comes twice");
    frames_[frame].journaled = journaled;
  }
}

void JournalHistory::check_order() {
  uint64_t order = 0;
  for (const JournaledFrame& journaled : harness_.recovered.open) {
    const ModelDelivery& delivery = deliveries_[frames_[frame_of(journaled.ref)].delivery];
    if (delivery.order < order) fail("order kept", delivery.id + " comes too late");
    order = delivery.order;
  }
}

void JournalHistory::check_seals() {
  std::map<uint64_t, bool> there;
  for (const RecoveredSeal& sealed : harness_.recovered.sealed) there[sealed.seal.sequence] = true;
  std::vector<uint64_t> absent;
  std::vector<uint64_t> replaced;
  for (auto& [sequence, seal] : seals_) {
    if (there[sequence]) {
      if (seal.stored_order != 0 && seal.stored_order <= durable_order_) {
        return fail("stored stays stored", "seal " + seal.seal.key + " came back");
      }
      seal.durable = true;
      seal.stored_order = 0;
      if (seal.seal.replaces != 0) replaced.push_back(seal.seal.replaces);
    } else {
      absent.push_back(sequence);
    }
  }
  for (const uint64_t sequence : replaced) {
    if (there[sequence]) return fail("sealed stays sealed", "a replaced seal came back");
    forget_frames_of(sequence);
  }
  for (const uint64_t sequence : absent) {
    const auto found = seals_.find(sequence);
    if (found == seals_.end()) continue;
    if (found->second.stored_order != 0) {
      for (const size_t frame : found->second.frames) frames_[frame].stored = true;
      seals_.erase(found);
    } else if (found->second.durable) {
      return fail("sealed stays sealed", "seal " + found->second.seal.key + " is gone");
    } else {
      undo_seal(sequence);
    }
  }
}

void JournalHistory::check_deliveries(const std::map<size_t, uint64_t>& found) {
  for (ModelDelivery& delivery : deliveries_) {
    if (delivery.frames.empty()) continue;
    size_t there = 0;
    for (const size_t index : delivery.frames) {
      const ModelFrame& frame = frames_[index];
      const auto place = found.find(index);
      if (frame.stored && place != found.end())
        return fail("stored stays stored", delivery.id + " came back");
      if (frame.stored) continue;
      if (place == found.end()) continue;
      ++there;
      if (place->second != frame.sequence) return fail("sealed stays sealed", delivery.id + " is elsewhere");
    }
    const auto stored = static_cast<size_t>(std::count_if(delivery.frames.begin(), delivery.frames.end(),
                                                          [&](size_t i) { return frames_[i].stored; }));
    const bool whole = there + stored == delivery.frames.size();
    if (delivery.state == State::acknowledged && !whole)
      return fail("acknowledged is durable", delivery.id + " is lost");
    if (delivery.state == State::absent && there > 0)
      return fail("nothing invented", delivery.id + " was refused");
    if (delivery.state != State::unknown) continue;
    if (there > 0 && !whole) return fail("nothing invented", delivery.id + " is there in part");
    delivery.state = whole ? State::acknowledged : State::absent;
  }
}

// A last run without faults: every delivery is a repeat, and when all is stored the journal is nearly empty.
void JournalHistory::drain() {
  if (!open()) return;
  for (size_t i = 0; i < deliveries_.size(); ++i) {
    if (deliveries_[i].state == State::acknowledged) submit(i);
  }
  turn();
  for (size_t i = 0; i < frames_.size(); ++i) {
    const bool open =
        deliveries_[frames_[i].delivery].state == State::acknowledged && frames_[i].sequence == 0;
    if (open && !frames_[i].stored) submit_seal({i}, 0);
  }
  turn();
  for (auto& [sequence, seal] : seals_) harness_.journal->stored(sequence);
  turn();
  if (harness_.journal->bytes() > 3 * harness_.options().segment_bytes) {
    fail("the journal drains", std::to_string(harness_.journal->bytes()) + " bytes are left");
  }
  const auto opened = harness_.open();
  if (!opened) return fail("everything is answered", "open failed: " + opened.error().what);
  if (!harness_.recovered.open.empty() || !harness_.recovered.sealed.empty()) {
    fail("stored stays stored", "something is left after all was stored");
  }
  for (size_t i = 0; i < deliveries_.size(); ++i) {
    if (deliveries_[i].state == State::acknowledged) submit(i);
  }
  turn();
}

}  // namespace cistern::test

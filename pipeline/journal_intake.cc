#include "pipeline/journal_intake.h"

#include <boost/asio/post.hpp>

namespace cistern {

struct JournalIntake::Work {
  Delivery delivery;
  OnAccepted done;
  DeliveryTally tally;
  int64_t append_began_ns = 0;

  void answer(Result<> outcome) {
    if (done) std::exchange(done, nullptr)(std::move(outcome));
  }
};

JournalIntake::JournalIntake(Acknowledge acknowledge, DeliveryFramer& framer, LevelControl& level,
                             Journal& journal, Partitions& partitions, boost::asio::any_io_executor workers,
                             const Clock& clock, Metrics& metrics)
    : acknowledge_(acknowledge),
      framer_(framer),
      level_(level),
      journal_(journal),
      partitions_(partitions),
      workers_(std::move(workers)),
      clock_(clock),
      metrics_(metrics) {}

Result<> JournalIntake::ready() const {
  if (closed_.load()) return busy("shutting down: send the delivery again");
  if (!journal_.healthy()) return fatal("the journal failed to write: restart after looking at its disk");
  if (journal_.full())
    return busy("the journal is at its bound (is the store reachable?): send the delivery again");
  if (partitions_.crowded()) return busy("too many open partitions: send the delivery again");
  return ok();
}

void JournalIntake::accept(Delivery delivery, OnAccepted done) {
  if (auto able = ready(); !able) return done(std::move(able));
  frame_and_append(std::make_shared<Work>(Work{std::move(delivery), std::move(done), {}}));
}

void JournalIntake::frame_and_append(std::shared_ptr<Work> work) {
  const int64_t began_ns = clock_.steady_ns();
  const Level level = level_.choose(framing_.fetch_add(1) + 1);
  Result<FramedDelivery> framed = framer_.frame(work->delivery, level);
  framing_.fetch_sub(1);
  work->append_began_ns = clock_.steady_ns();
  metrics_.level.Set(level.value);
  metrics_.decode_seconds.Observe(static_cast<double>(work->append_began_ns - began_ns) * 1e-9);
  if (!framed) return work->answer(std::move(framed).error());
  work->tally = std::move(framed.value().tally);
  if (acknowledge_ == Acknowledge::memory) work->answer(ok());
  journal_.append(std::move(framed.value().entry),
                  [this, work](Result<Appended> outcome, std::vector<JournaledFrame> frames) {
                    appended(work, std::move(outcome), std::move(frames));
                  });
}

// On the disk executor.
void JournalIntake::appended(std::shared_ptr<Work> work, Result<Appended> outcome,
                             std::vector<JournaledFrame> frames) {
  if (!outcome) return work->answer(std::move(outcome).error());
  if (outcome.value() == Appended::overlap) {
    // Another delivery brought some of these records meanwhile: frame again, without them.
    boost::asio::post(workers_, [this, work] { frame_and_append(work); });
    return;
  }
  metrics_.commit_seconds.Observe(static_cast<double>(clock_.steady_ns() - work->append_began_ns) * 1e-9);
  if (outcome.value() == Appended::repeat) return repeated(*work);
  work->tally.add_to(metrics_);
  archive(*work, std::move(frames));
}

void JournalIntake::recover(Recovered recovered) {
  size_t frames = recovered.open.size();
  for (const RecoveredSeal& sealed : recovered.sealed) frames += sealed.frames.size();
  const bool watched = acknowledge_ == Acknowledge::stored && frames > 0;
  partitions_.recover(std::move(recovered), watched ? watch(0, frames, nullptr) : nullptr);
}

void JournalIntake::archive(Work& work, std::vector<JournaledFrame> frames) {
  const bool repeats_some = work.tally.repeated_records > 0;
  if (acknowledge_ != Acknowledge::stored || (frames.empty() && !repeats_some)) {
    partitions_.add(std::move(frames), nullptr);
    return work.answer(ok());
  }
  const uint64_t number = ++last_number_;
  OnAccepted done = std::exchange(work.done, nullptr);
  if (!frames.empty()) {
    auto stored = watch(number, frames.size(), repeats_some ? nullptr : done);
    partitions_.add(std::move(frames), std::move(stored));
  }
  if (repeats_some) answer_when_stored(number, std::move(done));
}

void JournalIntake::repeated(Work& work) {
  metrics_.repeats.of("delivery").Increment();
  if (acknowledge_ != Acknowledge::stored) return work.answer(ok());
  answer_when_stored(last_number_, std::exchange(work.done, nullptr));
}

std::shared_ptr<StoredWatch> JournalIntake::watch(uint64_t number, size_t frames, OnAccepted done) {
  unstored_.insert(number);
  auto watch = std::make_shared<StoredWatch>();
  watch->frames_left = frames;
  watch->all_stored = [this, number, done = std::move(done)] {
    unstored_.erase(number);
    if (done) done(ok());
    answer_waiting();
  };
  return watch;
}

void JournalIntake::answer_when_stored(uint64_t number, OnAccepted done) {
  waiting_.emplace(number, std::move(done));
  answer_waiting();
}

void JournalIntake::answer_waiting() {
  while (!waiting_.empty() && (unstored_.empty() || waiting_.begin()->first < *unstored_.begin())) {
    auto answered = waiting_.extract(waiting_.begin());
    answered.mapped()(ok());
  }
}

}  // namespace cistern

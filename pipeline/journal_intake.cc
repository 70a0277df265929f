#include "pipeline/journal_intake.h"

#include <utility>

#include "pipeline/digest.h"

namespace cistern {

struct JournalIntake::Work {
  Delivery delivery;
  OnAccepted done;
  std::string identity;  // request id and content
  DeliveryTally tally;
  int64_t append_began_ns = 0;

  void answer(Result<> outcome) {
    if (done) std::exchange(done, nullptr)(std::move(outcome));
  }
};

JournalIntake::JournalIntake(Acknowledge acknowledge, DeliveryFramer& framer, LevelControl& level,
                             Journal& journal, Partitions& partitions, WorkerQueue& workers,
                             const Clock& clock, Metrics& metrics)
    : acknowledge_(acknowledge),
      framer_(framer),
      level_(level),
      journal_(journal),
      partitions_(partitions),
      workers_(workers),
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
  frame_and_append(std::make_shared<Work>(Work{std::move(delivery), std::move(done), {}, {}}));
}

void JournalIntake::frame_and_append(std::shared_ptr<Work> work) {
  const int64_t began_ns = clock_.steady_ns();
  const Level level = level_.choose(workers_.at_hand());
  Result<FramedDelivery> framed = framer_.frame(work->delivery, level);
  work->append_began_ns = clock_.steady_ns();
  metrics_.level.Set(level.value);
  metrics_.decode_seconds.Observe(static_cast<double>(work->append_began_ns - began_ns) * 1e-9);
  if (!framed) return work->answer(std::move(framed).error());
  work->tally = std::move(framed.value().tally);
  work->identity = work->delivery.request_id + hex(framed.value().entry.content);
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
    workers_.post([this, work] { frame_and_append(work); });
    return;
  }
  metrics_.commit_seconds.Observe(static_cast<double>(clock_.steady_ns() - work->append_began_ns) * 1e-9);
  if (outcome.value() == Appended::repeat) return repeated(*work);
  work->tally.add_to(metrics_);
  archive(*work, std::move(frames));
}

void JournalIntake::archive(Work& work, std::vector<JournaledFrame> frames) {
  if (acknowledge_ != Acknowledge::stored || frames.empty()) {
    partitions_.add(std::move(frames), nullptr);
    return work.answer(ok());
  }
  auto watch = std::make_shared<StoredWatch>();
  watch->frames_left = frames.size();
  watch->all_stored = [this, id = work.identity, done = std::exchange(work.done, nullptr)] {
    unstored_.erase(id);
    if (done) done(ok());
  };
  unstored_[work.identity] = watch;
  partitions_.add(std::move(frames), std::move(watch));
}

// Durable already. Under `stored` it waits for its first try's objects, which may also be on their way since
// before a restart.
void JournalIntake::repeated(Work& work) {
  metrics_.repeats.of("delivery").Increment();
  if (acknowledge_ != Acknowledge::stored) return work.answer(ok());
  const auto first = unstored_.find(work.identity);
  if (const auto watch = first == unstored_.end() ? nullptr : first->second.lock()) {
    watch->all_stored = [before = std::move(watch->all_stored), done = std::exchange(work.done, nullptr)] {
      before();
      if (done) done(ok());
    };
    return;
  }
  if (partitions_.recovering())
    return work.answer(busy("the delivery is on its way to the store: send it again"));
  work.answer(ok());
}

}  // namespace cistern

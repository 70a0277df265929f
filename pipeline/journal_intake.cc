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

void JournalIntake::archive(Work& work, std::vector<JournaledFrame> frames) {
  if (acknowledge_ != Acknowledge::stored || frames.empty()) {
    partitions_.add(std::move(frames), nullptr);
    return work.answer(ok());
  }
  auto watch = std::make_shared<StoredWatch>();
  watch->frames_left = frames.size();
  watch->all_stored = [this, id = work.delivery.request_id, done = std::exchange(work.done, nullptr)] {
    unstored_.erase(id);
    if (done) done(ok());
  };
  unstored_[work.delivery.request_id] = watch;
  partitions_.add(std::move(frames), std::move(watch));
}

void JournalIntake::repeated(Work& work) {
  metrics_.repeats.of("delivery").Increment();
  if (acknowledge_ == Acknowledge::stored) {
    if (const auto first = unstored_.find(work.delivery.request_id); first != unstored_.end()) {
      if (const auto watch = first->second.lock()) {
        watch->all_stored = [before = std::move(watch->all_stored),
                             done = std::exchange(work.done, nullptr)] {
          before();
          if (done) done(ok());
        };
        return;
      }
    }
  }
  work.answer(ok());
}

}  // namespace cistern

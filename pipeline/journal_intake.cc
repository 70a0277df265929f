#include "pipeline/journal_intake.h"

#include <utility>

#include "pipeline/journal/journal_format.h"
#include "pipeline/log.h"

namespace cistern {
namespace {

constexpr const char* kLost =
    "part of this delivery went bad on the journal's disk before the store had it, so it cannot be "
    "acknowledged as stored; what is left of it is in the archive and in the journal's quarantine folder";

}  // namespace

struct JournalIntake::Work {
  Work(std::shared_ptr<std::atomic<uint64_t>> counter, Delivery taken, OnAccepted callback)
      : in_work(std::move(counter)), delivery(std::move(taken)), done(std::move(callback)) {
    in_work->fetch_add(1);
  }
  ~Work() { in_work->fetch_sub(1); }
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

  void answer(Result<> outcome) {
    if (done) std::exchange(done, nullptr)(std::move(outcome));
  }

  std::shared_ptr<std::atomic<uint64_t>> in_work;
  Delivery delivery;
  OnAccepted done;
  DeliveryTally tally;
  std::vector<Digest128> brought;  // under `stored`: identities of the delivery and of its new records,
  std::vector<Digest128> repeats;  // and of what was journaled with an earlier delivery
  int64_t append_began_ns = 0;
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
  if (auto room = journal_.room(); !room) return room;
  if (partitions_.crowded()) return busy("too much waits for the store: send the delivery again");
  return ok();
}

void JournalIntake::accept(Delivery delivery, OnAccepted done) {
  if (auto able = ready(); !able) return done(std::move(able));
  frame_and_append(std::make_shared<Work>(in_work_, std::move(delivery), std::move(done)));
}

void JournalIntake::frame_and_append(std::shared_ptr<Work> work) {
  const int64_t began_ns = clock_.steady_ns();
  const LevelControl::Choice choice = level_.choose(workers_.at_hand());
  Result<FramedDelivery> framed = framer_.frame(work->delivery, choice.level);
  work->append_began_ns = clock_.steady_ns();
  metrics_.level.Set(choice.level.value);
  metrics_.level_reasons.of(choice.reason).Increment();
  metrics_.decode_seconds.Observe(static_cast<double>(work->append_began_ns - began_ns) * 1e-9);
  if (!framed) return work->answer(std::move(framed).error());
  work->tally = std::move(framed.value().tally);
  if (acknowledge_ == Acknowledge::stored) {
    const JournalEntry& entry = framed.value().entry;
    work->brought = entry.records;
    work->brought.push_back(delivery_identity(entry.request_id, entry.content));
    work->repeats = std::move(framed.value().repeated);
  }
  if (acknowledge_ == Acknowledge::memory) work->answer(ok());
  journal_.append(std::move(framed.value().entry),
                  [this, work](Result<Appended> outcome, std::vector<JournaledFrame> frames) {
                    appended(work, std::move(outcome), std::move(frames));
                  });
}

// On the disk executor.
void JournalIntake::appended(std::shared_ptr<Work> work, Result<Appended> outcome,
                             std::vector<JournaledFrame> frames) {
  if (!outcome) return refused(*work, outcome.error());
  if (outcome.value() == Appended::overlap) {
    // Another delivery brought some of these records meanwhile: frame again, without them.
    workers_.post([this, work] { frame_and_append(work); });
    return;
  }
  metrics_.commit_seconds.Observe(static_cast<double>(clock_.steady_ns() - work->append_began_ns) * 1e-9);
  work->delivery = {};  // its memory is free for others, however long the answer takes
  if (outcome.value() == Appended::repeat) {
    metrics_.repeats.of("delivery").Increment();
    work->repeats = std::exchange(work->brought, {});
    return answer_when_safe(*work, {});
  }
  work->tally.add_to(metrics_);
  answer_when_safe(*work, std::move(frames));
}

void JournalIntake::refused(Work& work, const Error& error) {
  if (!work.done && acknowledge_ == Acknowledge::memory) {
    metrics_.lost_deliveries.Increment();
    log_error("delivery_lost", "acknowledged from memory, then refused by the journal: " + error.what,
              {{"request_id", work.delivery.request_id}});
  }
  work.answer(error);
}

void JournalIntake::answer_when_safe(Work& work, std::vector<JournaledFrame> frames) {
  if (acknowledge_ == Acknowledge::stored) return answer_when_stored(work, std::move(frames));
  partitions_.add(std::move(frames), nullptr);
  work.answer(ok());
}

// What some of it was journaled with earlier may not be in the store yet either. No 200 for what went bad on
// disk before the store had it, now or when it comes again: taken anew, the rest of it would be doubled.
void JournalIntake::answer_when_stored(Work& work, std::vector<JournaledFrame> frames) {
  const bool rests_on_others = !work.repeats.empty();
  std::vector<Digest128> all = work.brought;
  all.insert(all.end(), work.repeats.begin(), work.repeats.end());
  auto answer = [this, all = std::move(all), done = std::exchange(work.done, nullptr)] {
    done(journal_.lost(all) ? Result<>(busy(kLost)) : ok());
  };
  auto added = [this, brought = std::move(work.brought), answer, rests_on_others](bool whole) {
    if (!whole) journal_.remember_lost(brought);
    if (!rests_on_others) answer();
  };
  partitions_.add(std::move(frames), std::move(added));
  if (rests_on_others) partitions_.when_all_stored(std::move(answer));
}

}  // namespace cistern

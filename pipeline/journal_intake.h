// The Intake that serves: frames a delivery on the calling worker, appends it to the journal, hands committed
// frames to the partitions, and answers when the delivery is as safe as `acknowledge` asks for.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "pipeline/acknowledge.h"
#include "pipeline/archive/partitions.h"
#include "pipeline/decode/delivery_framer.h"
#include "pipeline/intake.h"
#include "pipeline/level_control.h"
#include "pipeline/worker_queue.h"

namespace cistern {

class JournalIntake : public Intake {
 public:
  JournalIntake(Acknowledge acknowledge, DeliveryFramer& framer, LevelControl& level, Journal& journal,
                Partitions& partitions, WorkerQueue& workers, const Clock& clock, Metrics& metrics);

  void accept(Delivery delivery, OnAccepted done) override;
  Result<> ready() const override;

  // From here on deliveries are refused as busy. Any thread.
  void close() { closed_.store(true); }
  // Whether no delivery is between accept() and its commit. Any thread.
  bool idle() const { return in_work_->load() == 0; }

 private:
  struct Work;  // one delivery on its way
  void frame_and_append(std::shared_ptr<Work> work);
  void appended(std::shared_ptr<Work> work, Result<Appended> outcome, std::vector<JournaledFrame> frames);
  void refused(Work& work, const Error& error);
  void answer_when_safe(Work& work, std::vector<JournaledFrame> frames);
  void answer_when_stored(Work& work, std::vector<JournaledFrame> frames);

  const Acknowledge acknowledge_;
  DeliveryFramer& framer_;
  LevelControl& level_;
  Journal& journal_;
  Partitions& partitions_;
  WorkerQueue& workers_;
  const Clock& clock_;
  Metrics& metrics_;
  // Shared: a delivery may lie in an executor's queue that outlives this.
  const std::shared_ptr<std::atomic<uint64_t>> in_work_ = std::make_shared<std::atomic<uint64_t>>(0);
  std::atomic<bool> closed_{false};
};

}  // namespace cistern

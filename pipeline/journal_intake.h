// The Intake that serves: frames a delivery on the calling worker, appends it to the journal, hands committed
// frames to the partitions, and answers when the delivery is as safe as `acknowledge` asks for.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include <boost/asio/any_io_executor.hpp>

#include "pipeline/acknowledge.h"
#include "pipeline/delivery_framer.h"
#include "pipeline/intake.h"
#include "pipeline/level_control.h"
#include "pipeline/partitions.h"

namespace cistern {

class JournalIntake : public Intake {
 public:
  JournalIntake(Acknowledge acknowledge, DeliveryFramer& framer, LevelControl& level, Journal& journal,
                Partitions& partitions, boost::asio::any_io_executor workers, const Clock& clock,
                Metrics& metrics);

  void accept(Delivery delivery, OnAccepted done) override;
  Result<> ready() const override;

  // Hands on what a restart found. Before the executors run: no delivery may come first.
  void recover(Recovered recovered);

  // From here on deliveries are refused as busy. Any thread.
  void close() { closed_.store(true); }

 private:
  struct Work;  // one delivery on its way
  void frame_and_append(std::shared_ptr<Work> work);
  void appended(std::shared_ptr<Work> work, Result<Appended> outcome, std::vector<JournaledFrame> frames);
  void archive(Work& work, std::vector<JournaledFrame> frames);
  void repeated(Work& work);
  std::shared_ptr<StoredWatch> watch(uint64_t number, size_t frames, OnAccepted done);
  void answer_when_stored(uint64_t number, OnAccepted done);
  void answer_waiting();

  const Acknowledge acknowledge_;
  DeliveryFramer& framer_;
  LevelControl& level_;
  Journal& journal_;
  Partitions& partitions_;
  const boost::asio::any_io_executor workers_;
  const Clock& clock_;
  Metrics& metrics_;
  std::atomic<uint64_t> framing_{0};
  std::atomic<bool> closed_{false};
  // `stored` only, disk executor. Deliveries are numbered as they are journaled; 0: all that a restart found.
  // A repeat knows that what it repeats was journaled before it, not in which delivery: it waits for all.
  uint64_t last_number_ = 0;
  std::set<uint64_t> unstored_;
  std::multimap<uint64_t, OnAccepted> waiting_;  // answered once everything up to that number is stored
};

}  // namespace cistern

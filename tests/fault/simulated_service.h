// One life of the process: the real intake, framer, journal, partitions and uploader over doors that are not
// real. Three executors, of which the simulation runs one handler at a time, in any order it likes; each
// keeps the order of its own handlers, as the real ones do. Destroying it is kill -9: nothing more happens.
#pragma once

#include <cstdint>
#include <memory>

#include <prometheus/registry.h>

#include <boost/asio/io_context.hpp>

#include "pipeline/journal_intake.h"
#include "tests/fault/faulty_store.h"
#include "tests/fault/simulated_clock.h"

namespace cistern::test {

struct ServiceOptions {
  Acknowledge acknowledge = Acknowledge::durable;
  JournalOptions journal;
  Partitions::Options partitions;
  uint64_t uploads = 4;
};

class SimulatedService {
 public:
  // Also what recovery says when it fails, as a process that ends before it serves.
  static Result<std::unique_ptr<SimulatedService>> start(const ServiceOptions& options, Disk& disk,
                                                         FaultyStore& store, SimulatedClock& clock);
  ~SimulatedService();
  SimulatedService(SimulatedService&&) = delete;

  // What the edge does with a delivery: hands it to a worker. `done` may never be called.
  void accept(Delivery delivery, Intake::OnAccepted done);
  // Runs one handler; `choice` decides on which executor. False: nothing is ready on any.
  bool step(uint64_t choice);
  // No deliveries from here on; everything goes out.
  void drain();
  bool drained() const { return drained_; }

  bool healthy() const { return journal_->healthy(); }
  uint64_t journal_bytes() const { return journal_->bytes(); }
  uint64_t memory_bytes() const { return static_cast<uint64_t>(metrics_.memory_bytes.Value()); }
  uint64_t pending_bytes() const { return static_cast<uint64_t>(metrics_.pending_bytes.Value()); }
  std::string damage() const { return uploader_->damage(); }
  Metrics& metrics() { return metrics_; }
  // Frames that recovery found unstored.
  size_t recovered_frames() const { return recovered_frames_; }

 private:
  SimulatedService(FaultyStore& store, SimulatedClock& clock) : clock_(clock), store_(store) {}
  Result<> build(const ServiceOptions& options, Disk& disk);
  void tick_again();

  SimulatedClock& clock_;
  FaultyStore& store_;
  // Members are destroyed from bottom to top. Suspended coroutines lie in the queues of all of them, and
  // going they still touch the executor that they run on: io is the last to go.
  boost::asio::io_context io_{1};
  boost::asio::io_context workers_{1};
  boost::asio::io_context disk_{1};
  WorkerQueue queue_{workers_.get_executor()};
  prometheus::Registry registry_;
  Metrics metrics_{registry_};
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Uploader> uploader_;
  std::unique_ptr<Partitions> partitions_;
  std::unique_ptr<DeliveryFramer> framer_;
  std::unique_ptr<LevelControl> level_;
  std::unique_ptr<JournalIntake> intake_;
  size_t recovered_frames_ = 0;
  bool drained_ = false;
};

}  // namespace cistern::test

// The whole pipeline through a bad day, from one seed: deliveries come while disk, store, clock and process
// fail at any step; then all is well again, the sender gets its answers, everything is stored, and the
// invariants are checked (invariants.h), with two that are checked on the way:
//
//   limits_held     frames in memory, uploads at once and the journal's size stay within their bounds
//   journal_drains  once the store is well, everything is stored within hours, and a restart finds nothing
//
// Not staged here: damage to what is durable (journal_damage_test.cc).
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>

#include "tests/fault/archive_reader.h"
#include "tests/fault/faulty_disk.h"
#include "tests/fault/faulty_store.h"
#include "tests/fault/simulated_clock.h"
#include "tests/fault/simulated_firehose.h"
#include "tests/fault/simulated_service.h"

namespace cistern::test {

// Doors that break their word, which none of the real ones may: for tests of the invariants themselves.
struct Liars {
  bool disk_lies_about_sync = false;
  bool store_ignores_condition = false;
  bool store_forgets = false;
};

class Simulation {
 public:
  explicit Simulation(uint64_t seed, Liars liars = {});

  // Empty when every invariant held; otherwise which one did not, and how.
  std::string run();

  // The same for the same seed: what tells that a run repeats.
  std::string trace() const;

 private:
  void storm();
  void calm();
  void drain();
  void check_restart();

  bool step();
  void crash();
  void end_gently();
  bool start();
  void start_within(int64_t most_ms);
  void plan_life();
  void change_weather();
  void disturb_disk();
  StoreFaults store_weather();
  StoreFaults with_liars(StoreFaults faults) const;
  void check_limits();
  void check_stored(const SimulatedFirehose::SentDelivery& delivery);
  void fail(const std::string& how);

  bool chance(double probability) { return std::uniform_real_distribution<>(0, 1)(random_) < probability; }
  uint64_t below(uint64_t n) { return std::uniform_int_distribution<uint64_t>(0, n - 1)(random_); }

  std::mt19937_64 random_;
  const Liars liars_;
  ServiceOptions options_;
  SimulatedClock clock_;
  FaultyDisk disk_;
  FaultyStore store_;
  SimulatedFirehose firehose_;
  ArchiveReader archive_;
  std::unique_ptr<SimulatedService> service_;  // null: the process is down
  bool start_due_ = false;
  bool stormy_ = true;
  uint64_t steps_ = 0;
  uint64_t crash_step_ = UINT64_MAX;  // the process ends then
  uint64_t lives_ = 0;
  std::string failure_;
};

}  // namespace cistern::test

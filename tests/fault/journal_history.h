// A random life of a journal on a faulty disk - appends, seals, stores, repeats, crashes at any operation,
// also during recovery, kills, failing writes and syncs - beside a model of what must be true. All from one
// seed. The invariants by name, as they appear in what run() returns:
//
//   acknowledged is durable    an acknowledged delivery is there after any restart until it is stored
//   exactly once               each frame is open, or in one seal, or stored, never two of these
//   sealed stays sealed        a durable seal comes back under its key with its frames
//   stored stays stored        what was durably stored does not come back
//   nothing invented           only what was appended, byte for byte, whole deliveries only
//   order kept                 open frames come back in the order of their deliveries
//   repeats are known          a delivery that is in the journal, or was, is a repeat
//   everything is answered     every callback is called
//   the journal drains         when all is stored, little more than one segment is left
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/fault/faulty_disk.h"
#include "tests/fault/journal_harness.h"

namespace cistern::test {

class JournalHistory {
 public:
  JournalHistory(uint64_t seed, bool disk_lies);

  // Empty when every invariant held; otherwise which one did not, and how.
  std::string run();

 private:
  enum class State { unknown, acknowledged, absent };

  struct ModelFrame {
    std::string bytes;
    size_t delivery = 0;
    uint64_t sequence = 0;  // of the seal that has it or may have it
    bool stored = false;    // for good
    JournaledFrame journaled;
  };
  struct ModelDelivery {
    std::string id;
    std::vector<size_t> frames;
    std::vector<Digest128> records;
    State state = State::absent;
    uint64_t order = 0;  // of its last submission
    std::shared_ptr<AppendOutcome> pending;
  };
  struct ModelSeal {
    Seal seal;
    std::vector<size_t> frames;
    bool durable = false;
    uint64_t stored_order = 0;  // 0: stored() was not called
    uint64_t order = 0;
    std::shared_ptr<std::optional<Result<>>> pending;
  };

  bool live();  // one run of the process; false once an invariant is broken
  bool open();
  void act();
  void append_new();
  void append_again();
  void append_overlapping();
  void seal_some();
  void replace_one();
  void store_one();
  void submit(size_t delivery);
  void submit_seal(std::vector<size_t> frames, uint64_t replaces);
  void turn();
  void take_append(ModelDelivery& delivery);
  void take_seal(ModelSeal& seal);
  void undo_seal(uint64_t sequence);
  void forget_frames_of(uint64_t sequence);

  void check_recovered();
  void check_sealed(const RecoveredSeal& recovered, std::map<size_t, uint64_t>& found);
  void check_order();
  void check_deliveries(const std::map<size_t, uint64_t>& found);
  void check_seals();
  void drain();
  size_t frame_of(const FrameRef& ref);  // kNone, with a failure noted, when it is nobody's

  void fail(const std::string& invariant, const std::string& how);
  bool chance(double probability) { return std::uniform_real_distribution<>(0, 1)(random_) < probability; }
  uint64_t below(uint64_t n) { return std::uniform_int_distribution<uint64_t>(0, n - 1)(random_); }

  std::mt19937_64 random_;
  FaultyDisk disk_;
  ManualClock clock_;
  JournalHarness harness_;
  std::vector<ModelFrame> frames_;
  std::vector<ModelDelivery> deliveries_;
  std::map<uint64_t, ModelSeal> seals_;  // not stored for good
  uint64_t submissions_ = 0;
  uint64_t durable_order_ = 0;  // everything submitted up to here is durable
  uint64_t next_record_ = 1;
  std::string failure_;
};

}  // namespace cistern::test

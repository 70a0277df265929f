// A store in memory that does what S3 does on a bad day: refuses, answers late or not at all, does what was
// asked and says that it failed, does it long after the caller gave up, finds a stranger under the key. It
// stands outside of the simulated process and outlives it. For one thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "pipeline/store/object_store.h"
#include "tests/fault/simulated_clock.h"

namespace cistern::test {

// Probabilities, of each put.
struct StoreFaults {
  double retry = 0;        // refused: nothing was done
  double fatal = 0;        // the same, and an operator is asked to act
  double unknown = 0;      // done, but the answer says that it failed
  double late = 0;         // the answer says that it failed, and it is done a minute later
  double stranger = 0;     // somebody else's object lies under the key already
  int64_t longest_ms = 0;  // that an answer takes
  // What no store may do; an invariant must notice.
  bool ignores_condition = false;  // replaces what lies under the key
  double forgets = 0;              // says "stored" and stores nothing
};

struct StoredObject {
  std::string bytes;
  std::string journal_id;  // empty: a stranger's
  uint64_t sequence = 0;
  std::shared_ptr<const Object> object;  // null: a stranger's

  ObjectInfo info() const {
    if (!object) return {bytes.size(), {}, 0};
    return {bytes.size(), journal_id, sequence, object->events, object->first_ms, object->last_ms};
  }
};

class FaultyStore : public ObjectStore {
 public:
  FaultyStore(uint64_t seed, SimulatedClock& clock) : random_(seed), clock_(clock) {}

  boost::asio::awaitable<Result<PutOutcome>> put(std::shared_ptr<const Object> object) override;
  boost::asio::awaitable<Result<std::optional<ObjectInfo>>> head(std::string key) override;
  boost::asio::awaitable<Result<Buffer>> get(std::string key) override;
  boost::asio::awaitable<Result<std::string>> check() override;

  void set_faults(StoreFaults faults) { faults_ = faults; }
  // The process ended: nobody waits for answers any more. What is on its way still arrives.
  void forget_callers() { callers_.clear(); }

  const std::map<std::string, StoredObject>& objects() const { return objects_; }
  size_t most_at_once() const { return most_at_once_; }
  // Empty, or a key whose bytes were not the same on every try, or were replaced.
  const std::string& changed_key() const { return changed_key_; }

 private:
  using Answer = std::function<void(Result<PutOutcome>)>;
  using Request = std::shared_ptr<const std::pair<std::string, StoredObject>>;  // with its key

  void send(Request request, Answer answer);
  void arrive(uint64_t caller, Request request);
  PutOutcome apply(const Request& request);
  void answer(uint64_t caller, Result<PutOutcome> outcome);
  int64_t some_time();
  bool chance(double probability) { return std::uniform_real_distribution<>(0, 1)(random_) < probability; }

  std::mt19937_64 random_;
  SimulatedClock& clock_;
  StoreFaults faults_;
  std::map<std::string, StoredObject> objects_;
  std::map<std::string, std::array<uint8_t, 32>> offered_;  // digest of what was first put under a key
  std::map<uint64_t, Answer> callers_;
  uint64_t next_caller_ = 0;
  size_t most_at_once_ = 0;
  std::string changed_key_;
};

}  // namespace cistern::test

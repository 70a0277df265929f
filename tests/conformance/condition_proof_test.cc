// A server that replaces objects is found out by the first one that is stored.
#include "pipeline/store/condition_proof.h"

#include <gtest/gtest.h>

#include "tests/conformance/memory_store.h"
#include "tests/conformance/store_rig.h"

namespace cistern::store_rig {
namespace {

// Answers each put with the next of these outcomes.
class PlayedStore : public MemoryStore {
 public:
  explicit PlayedStore(std::vector<Result<PutOutcome>>& outcomes) : outcomes_(outcomes) {}
  boost::asio::awaitable<Result<PutOutcome>> put(std::shared_ptr<const Object>) override {
    Result<PutOutcome> outcome = std::move(outcomes_.front());
    outcomes_.erase(outcomes_.begin());
    co_return outcome;
  }

 private:
  std::vector<Result<PutOutcome>>& outcomes_;
};

class ConditionProofTest : public testing::Test {
 protected:
  // What is logged while this many objects are put, each answered `stored`.
  std::string log_of(size_t objects, std::vector<Result<PutOutcome>> outcomes) {
    const auto store = prove_condition(std::make_unique<PlayedStore>(outcomes));
    testing::internal::CaptureStderr();
    for (size_t i = 0; i < objects; ++i) {
      const auto put =
          executors_.run(store->put(make_object("k" + std::to_string(i), "0123456789ab", i + 1, {"x"})));
      EXPECT_TRUE(put && put.value() == PutOutcome::stored);
    }
    EXPECT_TRUE(outcomes.empty()) << outcomes.size() << " puts fewer than expected";
    return testing::internal::GetCapturedStderr();
  }

  static constexpr PutOutcome kStored = PutOutcome::stored;
  static constexpr PutOutcome kOurs = PutOutcome::already_ours;
  Executors executors_;
};

TEST_F(ConditionProofTest, AServerThatKnowsTheConditionIsTriedOnce) {
  EXPECT_EQ(log_of(3, {kStored, kOurs, kStored, kStored}), "");
}

TEST_F(ConditionProofTest, AServerThatReplacesIsToldOnce) {
  const std::string log = log_of(2, {kStored, kStored, kStored});
  EXPECT_NE(log.find("store_replaces"), log.npos) << log;
  EXPECT_NE(log.find("\"k0\""), log.npos) << log;
}

TEST_F(ConditionProofTest, AnAnswerThatSaysNothingIsFollowedByAnotherTry) {
  EXPECT_EQ(log_of(2, {kStored, retry("reset"), kStored, kOurs}), "");
}

}  // namespace
}  // namespace cistern::store_rig

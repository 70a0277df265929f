// What is shown when all is well, and when the journal's thread hangs; with executors that the test runs
// itself.
#include "server/status/status_board.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include "tests/conformance/memory_store.h"

namespace cistern {
namespace {

class QuietJournal : public Journal {
 public:
  void append(JournalEntry, OnAppended) override {}
  void seal(Seal, OnDone) override {}
  void stored(uint64_t) override {}
  uint64_t next_sequence() override { return 1; }
  Result<std::string> set_aside(const FrameRef&) override { return std::string(); }
  void remember_lost(const std::vector<Digest128>&) override {}
  bool lost(const std::vector<Digest128>&) const override { return false; }
  bool seen(const Digest128&) const override { return false; }
  const std::string& id() const override { return id_; }
  uint64_t bytes() const override { return 4096; }
  Result<> room() const override { return ok(); }
  bool healthy() const override { return true; }
  std::optional<uint64_t> pinned_segment() const override { return std::nullopt; }
  Result<> read(const FrameRef&, Buffer&) const override { return ok(); }

 private:
  const std::string id_ = "0123456789ab";
};

// Time stands still but for pass().
class HandClock : public Clock {
 public:
  int64_t wall_ms() const override { return 1'795'248'000'000 + now_ms_; }
  int64_t steady_ns() const override { return now_ms_ * 1'000'000; }
  void after_ms(int64_t delay_ms, std::function<void()> then) override {
    timers_.emplace(now_ms_ + delay_ms, std::move(then));
  }
  void pass(int64_t ms) {
    for (now_ms_ += ms; !timers_.empty() && timers_.begin()->first <= now_ms_;) {
      const auto then = timers_.extract(timers_.begin());
      then.mapped()();
    }
  }

 private:
  int64_t now_ms_ = 0;
  std::multimap<int64_t, std::function<void()>> timers_;
};

class StatusBoardTest : public testing::Test {
 protected:
  StatusBoardTest() {
    JournaledFrame frame;
    frame.info = {"2026/11/21/08/", 3, 100, 1'795'248'000'000, 1'795'248'000'500};
    frame.ref.length = 50;
    frame.arrived_ms = clock_.wall_ms();
    partitions_.add({frame}, nullptr);
  }

  void ask() {
    board_.ask([this](const StatusBoard::Document& document) { answers_.push_back(document); });
    run(control_);
  }
  static void run(boost::asio::io_context& context) {
    context.restart();
    context.poll();
  }
  void run_both() {
    run(disk_);
    run(control_);
  }
  void pass(int64_t ms) {
    clock_.pass(ms);
    run(control_);
  }
  const nlohmann::ordered_json& last() const { return *answers_.back(); }

  boost::asio::io_context control_, disk_;
  HandClock clock_;
  prometheus::Registry registry_;
  Metrics metrics_{registry_};
  QuietJournal journal_;
  store_rig::MemoryStore store_;
  Uploader uploader_{{control_.get_executor(), control_.get_executor(), disk_.get_executor()},
                     journal_,
                     store_,
                     clock_,
                     metrics_,
                     1};
  Partitions partitions_{{}, journal_, uploader_, clock_, metrics_};
  Latest<ConfigInForce> config_{std::make_shared<const ConfigInForce>()};
  Latest<AccessKeys> keys_{std::make_shared<const AccessKeys>(AccessKeys::none())};
  std::vector<ReadyCheck> checks_;
  StatusBoard board_{{config_, keys_, checks_, metrics_, journal_, partitions_, uploader_.list()},
                     control_.get_executor(),
                     disk_.get_executor(),
                     clock_};
  std::vector<StatusBoard::Document> answers_;
};

TEST_F(StatusBoardTest, WaitsForTheCountAndKeepsItForASecond) {
  ask();
  EXPECT_TRUE(answers_.empty());
  run_both();
  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_EQ(last()["open"]["partitions"], 1);
  EXPECT_EQ(last()["open"]["events"], 3);
  EXPECT_EQ(last()["open"]["largest"][0]["hour"], "2026-11-21T08");
  EXPECT_EQ(last()["readiness"]["warnings"].size(), 0u);
  pass(900);
  ask();
  ASSERT_EQ(answers_.size(), 2u);
  EXPECT_EQ(answers_[0], answers_[1]);
  pass(200);
  ask();
  EXPECT_EQ(answers_.size(), 2u);
  run_both();
  ASSERT_EQ(answers_.size(), 3u);
  EXPECT_NE(answers_[1], answers_[2]);
}

TEST_F(StatusBoardTest, AllWhoAskMeanwhileGetTheSame) {
  for (int i = 0; i < 50; ++i) ask();
  run_both();
  ASSERT_EQ(answers_.size(), 50u);
  EXPECT_EQ(answers_.front(), answers_.back());
}

TEST_F(StatusBoardTest, AThreadThatHangsIsTold) {
  ask();
  run_both();
  pass(2'000);
  ask();
  pass(999);
  EXPECT_EQ(answers_.size(), 1u);
  pass(1);
  ASSERT_EQ(answers_.size(), 2u);
  EXPECT_EQ(last()["open"]["counted_at"], (*answers_[0])["made_at"]);
  EXPECT_EQ(last()["open"]["partitions"], 1);
  pass(60'000);
  ask();
  pass(1'000);
  ASSERT_EQ(answers_.size(), 3u);
  ASSERT_EQ(last()["readiness"]["warnings"].size(), 1u);
  EXPECT_EQ(last()["readiness"]["warnings"][0]["part"], "disk");
  run_both();  // it goes on
  pass(2'000);
  ask();
  run_both();
  ASSERT_EQ(answers_.size(), 4u);
  EXPECT_EQ(last()["readiness"]["warnings"].size(), 0u);
  EXPECT_EQ(last()["open"]["counted_at"], last()["made_at"]);
}

TEST_F(StatusBoardTest, NothingIsCountedBeforeTheThreadHasEverAnswered) {
  ask();
  pass(1'000);
  ASSERT_EQ(answers_.size(), 1u);
  EXPECT_TRUE(last()["open"]["counted_at"].is_null());
}

}  // namespace
}  // namespace cistern

// A journal's disk that is put back from an old copy uses sequences again: what was stored under them
// meanwhile must not be taken for what is to be stored now.
#include <gtest/gtest.h>

#include "pipeline/log.h"
#include "tests/fault/service_bench.h"

namespace cistern::test {
namespace {

class OldCopy : public ::testing::Test {
 protected:
  OldCopy() { set_log_level(static_cast<LogLevel>(4)); }
  ~OldCopy() override { set_log_level(LogLevel::info); }

  double taken() { return bench_.service->metrics().uploads.of("taken").Value(); }

  // r0 is in the copy, unstored; r0 and r1 are stored, each as an object, before the copy is put back.
  void put_back() {
    bench_.start();
    bench_.send("r0");
    bench_.kill();
    const auto copy = bench_.disk.files();
    bench_.start();
    bench_.drain();
    bench_.kill();
    bench_.start();
    bench_.send("r1");
    bench_.drain();
    ASSERT_EQ(bench_.store.objects().size(), 2u);
    bench_.service = nullptr;
    bench_.disk.put_back(copy);
    bench_.start();
    ASSERT_EQ(bench_.service->recovered_frames(), 1u);
  }

  ServiceBench bench_{7};
};

TEST_F(OldCopy, OtherEventsUnderAUsedSequenceGetANewKeyAndAnAlarm) {
  put_back();
  bench_.send("r2");
  bench_.drain();
  EXPECT_GE(taken(), 1);
  // r0 is not known any more to be stored; r2 was acknowledged after the copy was put back.
  EXPECT_EQ(bench_.archived({"r0", "r1", "r2"}), (std::vector<int64_t>{2, 1, 1}));
}

TEST_F(OldCopy, TheSameEventsAgainAreOurs) {
  put_back();
  bench_.drain();
  EXPECT_EQ(taken(), 0);
  EXPECT_EQ(bench_.archived({"r0", "r1"}), (std::vector<int64_t>{1, 1}));
}

}  // namespace
}  // namespace cistern::test

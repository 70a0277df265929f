// Large records and memory: one at a time among all decoders, and no more structure than memory.
#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "pipeline/buffer.h"
#include "pipeline/decode/record_decoder.h"
#include "tests/unit/record_maker.h"

namespace cistern {
namespace {

using test::base64_of;
using test::gzip_of;

class LargeRecordTest : public ::testing::Test {
 protected:
  // A decoder that has a large record in memory makes another's wait, until `over` says that it is done.
  void expect_one_at_a_time(const std::string& datum) {
    const Buffer large(base64_of(datum));
    const Buffer small(base64_of(gzip_of("x")));
    first_.begin_delivery(1);
    second_.begin_delivery(1);
    ASSERT_EQ(first_.decode(large.view()).value().kind, RecordKind::text);
    std::atomic<bool> decoded = false;
    std::thread waits([&] {
      EXPECT_EQ(second_.decode(small.view()).value().kind, RecordKind::text) << "small ones do not wait";
      EXPECT_EQ(second_.decode(large.view()).value().kind, RecordKind::text);
      decoded = true;
      second_.end_delivery();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    EXPECT_FALSE(decoded) << "both have a large record";
    EXPECT_TRUE(first_.decode(small.view()));
    waits.join();
    first_.end_delivery();
  }

  std::mutex large_record_;
  RecordDecoder first_{Limits(), 42, large_record_};
  RecordDecoder second_{Limits(), 42, large_record_};
};

TEST_F(LargeRecordTest, OneAtATimeWhatInflates) {
  expect_one_at_a_time(gzip_of(std::string(RecordDecoder::kLargeRecord + 1, 'x')));
}
TEST_F(LargeRecordTest, OneAtATimeWhatCameLarge) {
  expect_one_at_a_time(std::string(RecordDecoder::kLargeRecord + 1, 'x'));
}
TEST_F(LargeRecordTest, OneAtATimeWhatHasManyLines) { expect_one_at_a_time(std::string(200'000, '\n')); }
TEST_F(LargeRecordTest, OneAtATimeWhatGrowsWhenEscaped) {
  expect_one_at_a_time(std::string(1'000'000, '\x1b'));
}

TEST_F(LargeRecordTest, JsonOfHardlyAnythingButStructureIsTooLarge) {
  std::string zeros = "0";
  while (zeros.size() < (40u << 20)) zeros += ",0";
  const Buffer record(base64_of(gzip_of(R"({"messageType":"DATA_MESSAGE","x":[)" + zeros + "]}")));
  first_.begin_delivery(1);
  const DecodedRecord decoded = first_.decode(record.view()).value();
  EXPECT_EQ(decoded.kind, RecordKind::undecodable);
  EXPECT_EQ(decoded.reason, DeadLetterReason::inflates_too_large);
}

}  // namespace
}  // namespace cistern

// What the metrics page says is unstored: true from the answer on, not only from the next tick on. Whoever
// waits for an archive to be complete (deploy/quickstart, an operator's script) relies on it.
#include <gtest/gtest.h>

#include "tests/fault/service_bench.h"

namespace cistern::test {
namespace {

double oldest_unstored(ServiceBench& bench) {
  return bench.service->metrics().oldest_unstored_timestamp.Value();
}

TEST(UnstoredGauges, TellOfADeliveryNoLaterThanItsAnswer) {
  ServiceBench bench(1);
  bench.start();
  EXPECT_EQ(bench.service->pending_bytes(), 0u);
  EXPECT_EQ(oldest_unstored(bench), 0);
  const double sent_seconds = static_cast<double>(bench.clock.true_ms()) / 1000;
  bench.send("r0");
  EXPECT_GT(bench.service->pending_bytes(), 0u);
  EXPECT_EQ(oldest_unstored(bench), sent_seconds);
}

TEST(UnstoredGauges, TellOfTheOldestUntilAllIsStored) {
  ServiceBench bench(2);
  bench.start();
  const double sent_seconds = static_cast<double>(bench.clock.true_ms()) / 1000;
  bench.send("r0");
  bench.send("r1");
  EXPECT_EQ(oldest_unstored(bench), sent_seconds);
  bench.service->drain();
  bench.run_until([&bench] { return bench.service->drained(); });
  EXPECT_EQ(bench.service->pending_bytes(), 0u);
  EXPECT_EQ(oldest_unstored(bench), 0);
}

}  // namespace
}  // namespace cistern::test

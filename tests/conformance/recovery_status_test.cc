// What is answered while a start reads the journal.
#include "server/recovery_status.h"

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include "tests/conformance/http_fixture.h"

namespace cistern::test {
namespace {

class RecoveryStatusTest : public testing::Test {
 protected:
  static WireReply get(uint16_t port, const std::string& path) {
    RawClient client(port, false);
    client.send("GET " + path + " HTTP/1.1\r\nHost: h\r\n\r\n");
    return client.receive().value_or(WireReply());
  }

  Config config_;
  const prometheus::Registry registry_;
  const FixedClock clock_{};
};

TEST_F(RecoveryStatusTest, SaysHowFarItIsAndGivesTheAddressFree) {
  config_.metrics_listen = Endpoint{"127.0.0.1", 0};
  uint16_t port = 0;
  {
    RecoveryStatus status(config_, registry_, clock_);
    port = status.port();
    status.set(3'221'225'472, 10'737'418'240);
    const WireReply ready = get(port, "/readyz");
    EXPECT_EQ(ready.status, 503);
    EXPECT_EQ(
        ready.body,
        R"({"ready":false,"reasons":["journal: reading the journal after a restart, 3072 of 10240 MiB"]})");
    EXPECT_EQ(get(port, "/livez").status, 200);
    EXPECT_EQ(get(port, "/metrics").status, 200);
    RawClient idle(port, false);  // holds nothing up
    config_.metrics_listen = Endpoint{"127.0.0.1", port};
    EXPECT_EQ(RecoveryStatus(config_, registry_, clock_).port(), 0);
  }
  EXPECT_EQ(RecoveryStatus(config_, registry_, clock_).port(), port);
}

TEST_F(RecoveryStatusTest, AnswersNobodyWhenOperationsAreOff) {
  config_.metrics_listen.reset();
  EXPECT_EQ(RecoveryStatus(config_, registry_, clock_).port(), 0);
}

}  // namespace
}  // namespace cistern::test

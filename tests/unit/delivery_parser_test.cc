#include "handlers/delivery_parser.h"

#include <string>

#include <gtest/gtest.h>

namespace cistern {
namespace {

Delivery delivery(std::string_view body) {
  Delivery made;
  made.request_id = "r";
  made.arrived_ms = 42;
  made.body.append(body);
  return made;
}

TEST(DeliveryParser, RecordsAreViewsIntoTheBody) {
  Delivery d = delivery(
      R"({ "requestId" : "r" , "timestamp" : 1578090903599 , "records" : [ { "data" : "YQ==" } , {"data":"Yg=="} ] })");
  ASSERT_TRUE(DeliveryParser().parse(d, 10));
  EXPECT_EQ(d.request_ms, 1578090903599);
  ASSERT_EQ(d.records.size(), 2u);
  EXPECT_EQ(d.records[0], "YQ==");
  EXPECT_EQ(d.records[1], "Yg==");
  for (auto record : d.records) {
    EXPECT_GE(record.data(), d.body.data());
    EXPECT_LE(record.data() + record.size(), d.body.data() + d.body.size());
  }
}

TEST(DeliveryParser, RecordsStayValidWhenTheDeliveryMoves) {
  Delivery d = delivery(R"({"requestId":"r","records":[{"data":"YQ=="}]})");
  ASSERT_TRUE(DeliveryParser().parse(d, 10));
  Delivery moved = std::move(d);
  EXPECT_EQ(moved.records[0], "YQ==");
}

TEST(DeliveryParser, WithoutTimestampTheArrivalCounts) {
  Delivery d = delivery(R"({"requestId":"r","records":[]})");
  ASSERT_TRUE(DeliveryParser().parse(d, 10));
  EXPECT_EQ(d.request_ms, 42);
}

TEST(DeliveryParser, EscapesAreResolvedInPlace) {
  Delivery d = delivery(
      R"({"requestId":"\u0072","records":[{"data":"a\/b\u002Bc\u003d"},{"data":"\/"},{"data":"plain"}]})");
  ASSERT_TRUE(DeliveryParser().parse(d, 10));
  EXPECT_EQ(d.records[0], "a/b+c=");
  EXPECT_EQ(d.records[1], "/");
  EXPECT_EQ(d.records[2], "plain");
}

TEST(DeliveryParser, EscapesThatAreNoBase64AreRefused) {
  for (const char* data : {R"(\n)", R"(\\)", R"(\")", R"(\u0000)", R"(\u00e9)", R"(\ud83d\ude00)", R"(\b)"}) {
    Delivery d = delivery(std::string(R"({"requestId":"r","records":[{"data":"YQ)") + data + R"("}]})");
    auto result = DeliveryParser().parse(d, 10);
    ASSERT_FALSE(result) << data;
    EXPECT_EQ(result.error().kind, ErrorKind::invalid);
  }
}

TEST(DeliveryParser, MoreRecordsThanAllowedIsBusy) {
  const char* two = R"({"requestId":"r","records":[{"data":""},{"data":""}]})";
  Delivery d = delivery(two);
  EXPECT_TRUE(DeliveryParser().parse(d, 2));
  d = delivery(two);
  auto result = DeliveryParser().parse(d, 1);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::busy);
}

// One parser serves many deliveries: nothing of one may show in the next.
TEST(DeliveryParser, NothingIsLeftOfAnEarlierDocument) {
  DeliveryParser parser;
  Delivery first = delivery(R"({"requestId":"r","timestamp":7,"records":[{"data":"YQ=="}]})");
  ASSERT_TRUE(parser.parse(first, 10));
  Delivery broken = delivery(R"({"requestId":"r","records":[{"data":"YQ=)");
  EXPECT_FALSE(parser.parse(broken, 10));
  Delivery second = delivery(R"({"records":[]})");
  EXPECT_FALSE(parser.parse(second, 10)) << "took the earlier document's id";
  Delivery third = delivery(R"({"requestId":"r","records":[]})");
  ASSERT_TRUE(parser.parse(third, 10));
  EXPECT_EQ(third.request_ms, 42);
  EXPECT_TRUE(third.records.empty());
}

TEST(DeliveryParser, EveryTruncationIsRefused) {
  const std::string whole =
      R"({"requestId":"r","timestamp":7,"x":[{"y":"\u00e9"}],"records":[{"data":"Y\/Q="},{"data":""}]})";
  DeliveryParser parser;
  for (size_t size = 0; size < whole.size(); ++size) {
    Delivery d = delivery(whole.substr(0, size));
    EXPECT_FALSE(parser.parse(d, 10)) << size;
  }
  Delivery d = delivery(whole);
  EXPECT_TRUE(parser.parse(d, 10));
}

// Any single byte may be wrong; nothing crashes, and what passes still lies inside the body.
TEST(DeliveryParser, EverySingleByteMayBeWrong) {
  const std::string whole = R"({"requestId":"r","timestamp":7,"records":[{"data":"Y\/Q="},{"data":""}]})";
  DeliveryParser parser;
  for (size_t at = 0; at < whole.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = whole;
      changed[at] = static_cast<char>(byte);
      Delivery d = delivery(changed);
      if (!parser.parse(d, 10)) continue;
      for (auto record : d.records) EXPECT_LE(record.data() + record.size(), d.body.data() + d.body.size());
    }
  }
}

}  // namespace
}  // namespace cistern

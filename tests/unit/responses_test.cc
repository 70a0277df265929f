#include "handlers/responses.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace cistern {
namespace {

TEST(Responses, AcceptedIsExact) {
  Reply reply = firehose_accepted("ed1d787c-b9e2-4631-92dc-8e7c9d26d804", 1578090903599);
  EXPECT_EQ(reply.status, 200u);
  EXPECT_EQ(reply.content_type, "application/json");
  EXPECT_EQ(reply.body, R"({"requestId":"ed1d787c-b9e2-4631-92dc-8e7c9d26d804","timestamp":1578090903599})");
}

TEST(Responses, RefusedIsExact) {
  Reply reply = firehose_refused("r", 5, busy("full"));
  EXPECT_EQ(reply.status, 503u);
  EXPECT_EQ(reply.body, R"({"requestId":"r","timestamp":5,"errorMessage":"full"})");
}

TEST(Responses, Trap02_NoKindOfErrorIs413) {
  EXPECT_EQ(http_status(ErrorKind::invalid), 400u);
  EXPECT_EQ(http_status(ErrorKind::unauthorized), 401u);
  for (ErrorKind kind : {ErrorKind::busy, ErrorKind::retry, ErrorKind::fatal})
    EXPECT_EQ(http_status(kind), 503u);
}

TEST(Responses, ErrorMessageIsPrintableAndBounded) {
  std::string text = std::string("a\0b\n\xFF\x7F\"\\", 8) + std::string(9000, 'x');
  auto json = nlohmann::json::parse(firehose_refused("r", 5, invalid(text)).body);
  std::string message = json["errorMessage"];
  EXPECT_EQ(message.size(), 8192u);
  EXPECT_EQ(message.substr(0, 9), "a?b???\"\\x");
}

TEST(Responses, RequestIdIsPrintableAndBounded) {
  RequestHead head;
  std::string id = "a\tb\xE9" + std::string(300, 'x');
  head.fields.push_back({"x-amz-firehose-request-id", id});
  EXPECT_EQ(request_id_of(head), "a?b?" + std::string(252, 'x'));
  head.fields.push_back({"X-Amz-Firehose-Request-Id", "second"});
  EXPECT_EQ(request_id_of(head), "");
}

}  // namespace
}  // namespace cistern

// A delivery's document against nlohmann's parser: what we accept is JSON with these records.
#include <nlohmann/json.hpp>

#include "handlers/delivery_parser.h"
#include "tests/fuzz/fuzz_target.h"

using namespace cistern;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static DeliveryParser parser;
  const std::string text(test::text_of(data, size));
  Delivery delivery;
  delivery.request_id = "r-1";
  delivery.body = Buffer(text);
  const auto parsed = parser.parse(delivery, 100);
  if (!parsed) {
    REQUIRE(!parsed.error().what.empty());
    return 0;
  }
  REQUIRE(delivery.records.size() <= 100);
  const auto theirs = nlohmann::json::parse(text, nullptr, false);
  if (theirs.is_discarded()) return 0;  // lone surrogates in members that we pass over
  REQUIRE(theirs["requestId"] == "r-1");
  REQUIRE(theirs["records"].size() == delivery.records.size());
  for (size_t i = 0; i < delivery.records.size(); ++i) {
    const std::string_view record = delivery.records[i];
    if (record.find('\\') == record.npos) REQUIRE(theirs["records"][i]["data"] == record);
  }
  return 0;
}

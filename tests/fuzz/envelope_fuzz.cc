// The envelope parser against nlohmann's: what we take for an envelope is JSON with exactly these events.
#include <vector>

#include <nlohmann/json.hpp>

#include "pipeline/buffer.h"
#include "pipeline/decode/envelope_parser.h"
#include "pipeline/decode/json_text.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/refused_json.h"

using namespace cistern;
using Json = nlohmann::json;

namespace {

constexpr uint64_t kMostEvents = 1000;

void same_events(const Json& document, const Envelope& envelope, const std::vector<LogEvent>& events) {
  REQUIRE(document["owner"].get<std::string>() == unescape(envelope.owner));
  REQUIRE(document["logGroup"].get<std::string>() == unescape(envelope.log_group));
  REQUIRE(document["logStream"].get<std::string>() == unescape(envelope.log_stream));
  const Json& theirs = document["logEvents"];
  REQUIRE(theirs.size() == events.size());
  for (size_t i = 0; i < events.size(); ++i) {
    REQUIRE(theirs[i]["id"].get<std::string>() == unescape(events[i].id));
    REQUIRE(theirs[i]["timestamp"].get<int64_t>() == events[i].timestamp_ms);
    REQUIRE(theirs[i]["message"].get<std::string>() == unescape(events[i].message));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Buffer text(test::text_of(data, size));
  EnvelopeParser parser(64);
  Envelope envelope;
  std::vector<LogEvent> events;
  const ParsedDocument parsed = parser.parse(text.view(), kMostEvents, envelope, events);
  if (parsed.kind != DocumentKind::data) {
    REQUIRE(events.empty());
    return 0;
  }
  REQUIRE(!events.empty() && events.size() <= kMostEvents);
  const Json document = Json::parse(text.view(), nullptr, false);
  if (document.is_discarded()) {
    REQUIRE(test::may_be_refused(text.view()));
    return 0;
  }
  same_events(document, envelope, events);
  return 0;
}

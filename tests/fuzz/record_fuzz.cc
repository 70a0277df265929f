// A record of any bytes, as base64 of the input: decoded in bounds, and every line made of it is JSON again,
// with the event's own values.
#include <mutex>
#include <string>

#include <nlohmann/json.hpp>

#include "pipeline/buffer.h"
#include "pipeline/decode/json_text.h"
#include "pipeline/decode/line_format.h"
#include "pipeline/decode/record_decoder.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/refused_json.h"
#include "tests/unit/record_maker.h"

using namespace cistern;

namespace {

Limits small_limits() {
  Limits limits;
  limits.inflated_record_bytes = 1 << 20;
  limits.delivery_log_bytes = 4 << 20;
  limits.events_per_record = 5000;
  return limits;
}

void same_line(std::string_view line, const LogEvent& event) {
  REQUIRE(line.ends_with("}\n"));
  REQUIRE(line.find('\n') == line.size() - 1);
  const nlohmann::json parsed = nlohmann::json::parse(line, nullptr, false);
  if (parsed.is_discarded()) {  // what is odd is kept as it came
    REQUIRE(test::may_be_refused(line));
    return;
  }
  REQUIRE(parsed["timestamp"].get<int64_t>() == event.timestamp_ms);
  REQUIRE(parsed["message"].get<std::string>() == unescape(event.message));
}

void check_lines(const DecodedRecord& record) {
  static const LineFormat format = LineFormat::parse({"timestamp", "id", "owner", "logGroup", "logStream",
                                                      "message", "extractedFields", "subscriptionFilters"},
                                                     EventId::full)
                                       .value();
  LineWriter writer(format);
  const Delivery delivery;
  Buffer line;
  for (const Envelope& envelope : record.envelopes) {
    REQUIRE(!envelope.events.empty());
    writer.begin(envelope, delivery);
    for (const LogEvent& event : envelope.events) {
      line.clear();
      writer.write(event, line);
      same_line(line.view(), event);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static std::mutex large_record;
  static RecordDecoder decoder(small_limits(), 7, large_record);
  const Buffer base64(test::base64_of(test::text_of(data, size)));
  decoder.begin_delivery(1'700'000'000'000);
  const auto first = decoder.decode(base64.view());
  REQUIRE(first.has_value());
  const auto digest = first.value().digest;
  if (first.value().kind == RecordKind::undecodable) {
    REQUIRE(first.value().envelopes.empty() && !first.value().why.empty());
  } else {
    check_lines(first.value());
  }
  REQUIRE(decoder.decode(base64.view()).value().digest == digest);
  const Buffer raw(test::text_of(data, size));
  (void)decoder.decode(raw.view());  // broken base64, mostly
  decoder.end_delivery();
  return 0;
}

#include "pipeline/decode/line_size.h"

#include <gtest/gtest.h>

#include "tests/unit/line_fields.h"
#include "tests/unit/record_maker.h"

namespace cistern {
namespace {

Delivery a_delivery() {
  Delivery delivery;
  delivery.request_id = "r-\"1\"";
  delivery.source_arn = "arn:x";
  delivery.request_ms = 1'795'250'000'000;
  delivery.common_attributes = {{"a", "\x01"}, {"b", std::string(5000, 'v')}};
  return delivery;
}

uint64_t written(const LineFormat& format, const Envelope& envelope, const Delivery& delivery) {
  LineWriter writer(format);
  Buffer lines;
  writer.begin(envelope, delivery);
  for (const LogEvent& event : envelope.events) writer.write(event, lines);
  return lines.size();
}

TEST(LineSize, IsWhatIsWrittenOrALittleMore) {
  test::RecordMaker maker(21);
  const Delivery delivery = a_delivery();
  for (const auto& fields :
       {test::kDefaultFields, test::kAllFields, std::vector<std::string>{"timestamp", "message"}}) {
    for (const EventId id : {EventId::full, EventId::short_, EventId::none}) {
      const LineFormat format = LineFormat::parse(fields, id).value();
      LineSize size(format);
      size.begin(delivery);
      for (int i = 0; i < 100; ++i) {
        const std::string group(maker.below(4000), 'g'),
            filters = i % 2 == 0 ? "[\"" + group + "\"]" : "", level(maker.below(9), 'p'),
            message(maker.below(3000), 'm'), event_id(maker.below(60), '7');
        const std::vector<LogEvent> events{
            {event_id, static_cast<int64_t>(maker.below(1ull << 62)), message, {}},
            {"0", 0, {}, R"({"a":1})"},
            {{}, INT64_MIN, message, {}}};
        Envelope envelope{"1", group, "s", filters, level, events};
        const uint64_t exact = written(format, envelope, delivery);
        EXPECT_GE(size.of(envelope), exact);
        EXPECT_LE(size.of(envelope), exact + 64 * events.size());
      }
    }
  }
}

}  // namespace
}  // namespace cistern

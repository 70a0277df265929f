#include "pipeline/decode/partition_key.h"

#include <ctime>
#include <set>

#include <gtest/gtest.h>

#include "pipeline/utc_time.h"
#include "tests/unit/record_maker.h"

namespace cistern {
namespace {

constexpr int64_t kKeyMs = 1'795'248'000'000 + 59 * 60'000;  // 2026-11-21T08:59

std::string render(std::string_view key, int64_t timestamp_ms, const Envelope& envelope = {},
                   const Delivery& delivery = {}, std::string_view prefix = "") {
  return KeyTemplate::parse(prefix, key).value().render(timestamp_ms, envelope, delivery);
}
std::string error_of(std::string_view key, std::string_view prefix = "") {
  const auto made = KeyTemplate::parse(prefix, key);
  return made ? "" : made.error().what;
}
Envelope envelope_of(std::string_view group, std::string_view stream = "s") {
  Envelope envelope;
  envelope.owner = "123456789012";
  envelope.log_group = group;
  envelope.log_stream = stream;
  return envelope;
}

TEST(PartitionKey, TheDefaultIsTheEventsHourInUtc) {
  EXPECT_EQ(render("{yyyy}/{mm}/{dd}/{hh}/", kKeyMs), "2026/11/21/08/");
  EXPECT_EQ(render("{yyyy}/{mm}/{dd}/{hh}/", 0), "1970/01/01/00/");
  EXPECT_EQ(render("{yyyy}/{mm}/{dd}/{hh}/", kHourMs - 1), "1970/01/01/00/");
  EXPECT_EQ(render("{yyyy}/{mm}/{dd}/{hh}/", 253'402'300'799'999), "9999/12/31/23/");
  EXPECT_EQ(render("{yyyy}/{mm}/{dd}/{hh}/", 951'782'400'000), "2000/02/29/00/");
  EXPECT_EQ(render("year={yyyy}/month={mm}/day={dd}/h{hh}", kKeyMs, {}, {}, "logs/"),
            "logs/year=2026/month=11/day=21/h08/");
}

TEST(PartitionKey, EveryDayAgreesWithTheSystemsCalendar) {
  const KeyTemplate key = KeyTemplate::parse("", "{yyyy}-{mm}-{dd}").value();
  for (int64_t day = 0; day < 2'932'897; day += 1 + day % 13) {
    const std::time_t seconds = static_cast<std::time_t>(day) * 86'400;
    char expected[16];
    std::strftime(expected, sizeof expected, "%Y-%m-%d/", std::gmtime(&seconds));
    ASSERT_EQ(key.render(day * 24 * kHourMs + 1, {}, {}), expected);
  }
}

TEST(PartitionKey, TimesOutOfRangeGoToANamedPlace) {
  for (const int64_t time :
       {int64_t{-1}, INT64_MIN, INT64_MAX, int64_t{253'402'300'800'000}, int64_t{1'831'000'000'000'000}}) {
    EXPECT_EQ(render("year={yyyy}/{owner}/{hh}/", time, envelope_of("g"), {}, "p/"),
              "p/out-of-range-time/year=0000/123456789012/00/")
        << time;
  }
  EXPECT_EQ(render("{owner}/", -1, envelope_of("g")), "123456789012/");
  EXPECT_EQ(render("/{yyyy}/", -1, envelope_of("g"), {}, "p"), "p/out-of-range-time/0000/");
  EXPECT_EQ(render("{yyyy}/", -1, envelope_of("g"), {}, "p-"), "p-out-of-range-time/0000/");
}

TEST(PartitionKey, ValuesMakeNoFoldersOfTheirOwn) {
  EXPECT_EQ(
      render("{log_group}/{log_stream}/", kKeyMs, envelope_of("/aws/lambda/f", "2026/11/21/[$LATEST]a b")),
      "%2Faws%2Flambda%2Ff/2026%2F11%2F21%2F%5B%24LATEST%5Da%20b/");
  EXPECT_EQ(render("{log_group}/", kKeyMs, envelope_of("..")), "%2E./");
  EXPECT_EQ(render("{log_group}/", kKeyMs, envelope_of(".")), "%2E/");
  EXPECT_EQ(render("{log_group}{log_stream}/", kKeyMs, envelope_of("//", "/../")), "%2F%2F%2F..%2F/");
  EXPECT_EQ(render("{log_group}/", kKeyMs, envelope_of(R"(a\u0000\n\"\u00e9)")), "a%00%0A%22%C3%A9/");
  EXPECT_EQ(render("{log_group}/", kKeyMs, envelope_of("")), "_none/");
  EXPECT_EQ(render("{log_group}/", kKeyMs, envelope_of("_none")), "%5Fnone/");
}

TEST(PartitionKey, SpellingsOfOneNameAreOneKey) {
  EXPECT_EQ(render("{log_group}/", kKeyMs, envelope_of(R"(\/a\u0062)")),
            render("{log_group}/", kKeyMs, envelope_of("/ab")));
}

TEST(PartitionKey, SourceAndAttributesComeFromTheDelivery) {
  Delivery delivery;
  delivery.source_arn = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/my-stream_1.x";
  delivery.common_attributes = {{"env", "prod/eu"}, {"other", "x"}};
  EXPECT_EQ(render("{source}/{attribute:env}/{attribute:none}/", kKeyMs, {}, delivery),
            "my-stream_1.x/prod%2Feu/_none/");
  EXPECT_EQ(render("{source}/", kKeyMs), "_none/");
}

TEST(PartitionKey, ValuesComeBackAndDoNotCollide) {
  test::RecordMaker maker(5);
  std::set<std::string> values{"", "_none", "%5Fnone", ".", "..", "%2E", "a", "A", "a/b", "a%2Fb", "~"};
  for (int i = 0; i < 2000; ++i) {
    std::string value;
    for (uint64_t size = maker.below(6); size-- > 0;) {
      value.push_back(maker.below(2) == 0 ? "./_%~-none"[maker.below(10)]
                                          : static_cast<char>(maker.below(256)));
    }
    values.insert(value);
  }
  std::set<std::string> keys;
  for (const std::string& value : values) {
    const std::string key = key_safe(value, 200);
    EXPECT_EQ(from_key_safe(key), value);
    keys.insert(key);
  }
  EXPECT_EQ(keys.size(), values.size());
}

TEST(PartitionKey, LongValuesAreCutAndStillDiffer) {
  const std::string group(512, '/');
  const std::string one = key_safe(group + "1", 100), two = key_safe(group + "2", 100);
  EXPECT_LE(one.size(), 100u);
  EXPECT_GE(one.size(), 98u);
  EXPECT_NE(one, two);
  EXPECT_EQ(one.substr(0, 66), two.substr(0, 66));
  EXPECT_EQ(key_safe(std::string(100, 'a'), 100), std::string(100, 'a'));
  EXPECT_EQ(key_safe(std::string(101, 'a'), 100).find('~'), 67u);
}

TEST(PartitionKey, WholeKeysAndFoldersAreBounded) {
  const std::string huge(2048, '/');
  Delivery delivery;
  delivery.source_arn = huge + "x";
  delivery.common_attributes = {{"a", huge}};
  for (const char* key : {"{owner}/{log_group}/{log_stream}/{source}/{attribute:a}/{yyyy}/{mm}/{dd}/{hh}/",
                          "{log_group}-{log_stream}-{attribute:a}/{yyyy}{mm}{dd}/",
                          "x={log_group}{log_group}{log_group}/{hh}"}) {
    const std::string made = render(key, -1, envelope_of(huge, huge), delivery, "some/prefix/");
    EXPECT_LE(made.size(), KeyTemplate::kMostKeyBytes) << key;
    for (size_t at = 0, end; (end = made.find('/', at)) != std::string::npos; at = end + 1) {
      EXPECT_LE(end - at, KeyTemplate::kMostFolderBytes);
      EXPECT_GT(end, at);
    }
  }
}

TEST(PartitionKey, MistakesAreNamedWithWhatIsAllowed) {
  EXPECT_NE(error_of("{year}/").find("{year}"), std::string::npos);
  EXPECT_NE(error_of("{year}/").find("{log_group}"), std::string::npos);
  EXPECT_NE(error_of("{attribute:}/").find("{attribute:NAME}"), std::string::npos);
  EXPECT_NE(error_of("{yyyy/").find("match"), std::string::npos);
  EXPECT_NE(error_of("yyyy}/").find("match"), std::string::npos);
  EXPECT_NE(error_of("{yy{mm}}/").find("match"), std::string::npos);
  EXPECT_NE(error_of("/{yyyy}/").find("begins with '/'"), std::string::npos);
  EXPECT_NE(error_of("{yyyy}//{mm}/").find("'//'"), std::string::npos);
  EXPECT_NE(error_of("/x/", "p/").find("'//'"), std::string::npos);
  EXPECT_NE(error_of("../{yyyy}/").find("'..'"), std::string::npos);
  EXPECT_NE(error_of("./", "").find("'.'"), std::string::npos);
  EXPECT_NE(error_of("a\n{yyyy}/").find("control"), std::string::npos);
  EXPECT_NE(error_of("a\xff{yyyy}/").find("UTF-8"), std::string::npos);
  EXPECT_NE(error_of("{yyyy}/", std::string(900, 'p')).find("too long"), std::string::npos);
  EXPECT_NE(error_of("{owner}{owner}{owner}{owner}{owner}{owner}{owner}/").find("too long"),
            std::string::npos);
  EXPECT_EQ(error_of(""), "");
  EXPECT_EQ(render("", kKeyMs), "");
  EXPECT_EQ(render("", kKeyMs, {}, {}, "p"), "p/");
}

TEST(PartitionKey, EqualSlotsMeanEqualKeys) {
  test::RecordMaker maker(6);
  for (const char* text : {"{yyyy}/{mm}/{dd}/{hh}/", "{yyyy}/{mm}/{dd}/", "{yyyy}/", "{hh}/", "x/"}) {
    const KeyTemplate key = KeyTemplate::parse("", text).value();
    for (int i = 0; i < 500; ++i) {
      const auto a = static_cast<int64_t>(maker.below(3'000'000'000'000)) - 1'000'000;
      const auto b = a + static_cast<int64_t>(maker.below(2 * kHourMs));
      if (key.time_slot(a) == key.time_slot(b)) {
        EXPECT_EQ(key.render(a, {}, {}), key.render(b, {}, {}));
      }
    }
  }
  const KeyTemplate hours = KeyTemplate::parse("", "{yyyy}/{mm}/{dd}/{hh}/").value();
  EXPECT_EQ(hours.time_slot(kKeyMs), hours.time_slot(kKeyMs - 59 * 60'000));
  EXPECT_NE(hours.time_slot(kKeyMs), hours.time_slot(kKeyMs + 60'000));
}

}  // namespace
}  // namespace cistern

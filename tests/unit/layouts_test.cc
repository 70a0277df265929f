// Keys as other programs make them: what they look like there, and the template that makes the same here.
#include <regex>

#include <gtest/gtest.h>

#include "pipeline/archive/object_key.h"
#include "pipeline/decode/partition_key.h"

namespace cistern {
namespace {

constexpr int64_t kEventMs = 1'795'250'096'789;  // 2026-11-21T08:34:56.789Z

std::string key_of(std::string_view prefix, std::string_view key, int64_t time_ms = kEventMs,
                   uint64_t sequence = 17) {
  auto made = KeyTemplate::parse(prefix, key);
  EXPECT_TRUE(made) << made.error().what;
  Envelope envelope;
  envelope.owner = "123456789012";
  envelope.log_group = "/aws/lambda/orders";
  envelope.log_stream = "2026/11/21/[$LATEST]0123abcd";
  Delivery delivery;
  delivery.source_arn = "arn:aws:firehose:eu-central-1:123456789012:deliverystream/web-logs";
  return object_key(made.value().render(time_ms, envelope, delivery), time_ms, "5f1c9a0b7e42", sequence);
}

void expect_like(const std::string& pattern, const std::string& key) {
  EXPECT_TRUE(std::regex_match(key, std::regex(pattern))) << key;
}

const std::string kUuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

// <YYYY/MM/DD/HH/><stream>-<version>-<YYYY>-<MM>-<DD>-<HH>-<mm>-<ss>-<uuid><extension>
TEST(Layouts, FirehosesOwn) {
  const std::string name = "{source}-1-{yyyy}-{mm}-{dd}-{hh}-{minute}-{second}-{uuid}.gz";
  expect_like("2026/11/21/08/web-logs-1-2026-11-21-08-34-56-" + kUuid + "\\.gz",
              key_of("", "{yyyy}/{mm}/{dd}/{hh}/" + name));
  expect_like("raw/2026/11/21/08/web-logs-1-2026-11-21-08-34-56-" + kUuid + "\\.gz",
              key_of("raw/", "{yyyy}/{mm}/{dd}/{hh}/" + name));
}

// Partition projection over year, month, day and hour, and over one column dt.
TEST(Layouts, Hive) {
  EXPECT_EQ("logs/year=2026/month=11/day=21/hour=08/20261121T08Z-5f1c9a0b7e42-0000000017.ndjson.gz",
            key_of("logs/", "year={yyyy}/month={mm}/day={dd}/hour={hh}/"));
  EXPECT_EQ("logs/dt=2026-11-21-08/20261121T08Z-5f1c9a0b7e42-0000000017.ndjson.gz",
            key_of("logs/", "dt={yyyy}-{mm}-{dd}-{hh}/"));
}

// <prefix>/<account>/<group>/<year>/<month>/<day>/<stream, '/' as '-'>/<number>.gz
TEST(Layouts, Exporters) {
  EXPECT_EQ(
      "exportedlogs/123456789012/aws/lambda/orders/2026/11/21/2026-11-21-[$LATEST]0123abcd/"
      "5f1c9a0b7e42-0000000017.gz",
      key_of("exportedlogs/",
             "{owner}/{log_group:folders}/{yyyy}/{mm}/{dd}/{log_stream:export}/{journal}-{sequence}.gz"));
}

TEST(Layouts, Plain) {
  EXPECT_EQ("2026/11/21/08/logs-5f1c9a0b7e42-0000000017.gz",
            key_of("", "{yyyy}/{mm}/{dd}/{hh}/logs-{journal}-{sequence}.gz"));
  expect_like("2026/11/21/08/logs-" + kUuid + "\\.json\\.gz",
              key_of("", "{yyyy}/{mm}/{dd}/{hh}/logs-{uuid}.json.gz"));
}

TEST(Layouts, ANameIsOfOneObjectAndTheSameOnEveryTry) {
  const std::string layout = "{yyyy}/{uuid}.gz";
  EXPECT_EQ(key_of("", layout), key_of("", layout));
  EXPECT_NE(key_of("", layout), key_of("", layout, kEventMs, 18));
  EXPECT_NE(object_key("{uuid}.gz", 0, "a", 1), object_key("{uuid}.gz", 0, "b", 1));
  expect_like("out-of-range-time/0000/00-00-" + kUuid + "\\.gz",
              key_of("", "{yyyy}/{minute}-{second}-{uuid}.gz", -1));
}

TEST(Layouts, NamesThatCannotWork) {
  const std::pair<const char*, const char*> rows[] = {
      {"{minute}/{uuid}.gz", "after the last '/'"},
      {"{uuid}/x.gz", "after the last '/'"},
      {"{uuid}/{log_group:folders}.gz", "after the last '/'"},
      {"{yyyy}/{minute}.gz", "needs {uuid}"},
      {"{yyyy}/{sequence}.gz", "needs {uuid}"},
      {"{yyyy}/{journal}.gz", "needs {uuid}"},
      {"{yyyy}/{uuid}", "end in .gz"},
      {"{yyyy}/{uuid}.json", "end in .gz"},
  };
  for (const auto& [key, why] : rows) {
    const auto made = KeyTemplate::parse("", key);
    ASSERT_FALSE(made) << key;
    EXPECT_NE(std::string::npos, made.error().what.find(why)) << made.error().what;
  }
  EXPECT_FALSE(KeyTemplate::parse("{x}/", "{uuid}.gz"));
  EXPECT_TRUE(KeyTemplate::parse("{x}/", "{yyyy}/"));
}

TEST(Layouts, OtherProgramsFormsOfValues) {
  EXPECT_EQ("a/b", key_folders("/a/b/", 100));
  EXPECT_EQ("a/_none/%2E./%23", key_folders("a//../#", 100));
  EXPECT_EQ("_none", key_folders("", 100));
  EXPECT_EQ("_none", key_folders("//", 100));
  EXPECT_EQ(key_safe("a/" + std::string(100, 'b'), 80), key_folders("/a/" + std::string(100, 'b'), 80));
  EXPECT_EQ("a-b [$LATEST]\xc3\xa9", key_export("a/b [$LATEST]\xc3\xa9", 100));
  EXPECT_EQ("%7Buuid%7D%25%5C%01", key_export("{uuid}%\\\x01", 100));
  EXPECT_EQ("%2E.", key_export("..", 100));
  EXPECT_EQ("_none", key_export("", 100));
  EXPECT_EQ(key_safe(std::string(100, 'x'), 80), key_export(std::string(100, 'x'), 80));
}

}  // namespace
}  // namespace cistern

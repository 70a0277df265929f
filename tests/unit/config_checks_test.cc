// What the pipeline's parsers refuse is told as a configuration's mistake, with its place.
#include <gtest/gtest.h>

#include "tests/unit/config_fixture.h"

namespace cistern {
namespace {

void expect_one_mistake(const std::string& text, const std::string& place, const std::string& part) {
  auto said = mistakes_of(kLeast + text);
  EXPECT_EQ(said.rfind(place, 0), 0u) << said;
  EXPECT_NE(said.find(part), std::string::npos) << said;
  EXPECT_EQ(said.find('\n'), std::string::npos) << said;
}

TEST(ConfigChecks, KeyTemplates) {
  EXPECT_EQ(mistakes_of(kLeast + "partition: { key: \"year={yyyy}/{log_group}/{attribute:team}/\" }"), "");
  expect_one_mistake("partition: { key: \"{year}/\" }", "CISTERN_CONFIG:3: partition.key: ", "year");
  expect_one_mistake("partition: { dead_letter_key: \"{yyyy/\" }",
                     "CISTERN_CONFIG:3: partition.dead_letter_key: ", "{yyyy");
}

TEST(ConfigChecks, Fields) {
  EXPECT_EQ(mistakes_of(kLeast + "format: { fields: [message, sourceArn] }"), "");
  expect_one_mistake("format:\n  fields: [message, colour]", "CISTERN_CONFIG:4: format.fields: ", "colour");
}

}  // namespace
}  // namespace cistern

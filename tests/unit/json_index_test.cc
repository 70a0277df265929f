#include "pipeline/json_index.h"

#include <gtest/gtest.h>
#include <simdjson.h>

namespace cistern {
namespace {

// What simdjson itself indexes.
uint64_t indexed_bytes(const std::string& json) {
  simdjson::dom::parser parser;
  simdjson::padded_string padded(json);
  (void)parser.parse(padded).error();
  return parser.implementation->n_structural_indexes * sizeof(uint32_t);
}

void expect_bound(const std::string& json) {
  EXPECT_GE(json_index_bytes(json), indexed_bytes(json)) << json.substr(0, 80);
}

TEST(JsonIndex, IsNeverLessThanWhatTheParserTakes) {
  for (const char* json :
       {"", "{}", "[1,2,3]", R"({"a":"b","c":[true,null]})", "1 2 3 4", R"("a""b""c")", "[\"a\"1\"b\"2]",
        R"({"a":"x\"y\\","b":1})", "a b c d", "{{{{}}}}", R"("never ends, 1, 2, 3)", "\\\"\"\\\\\"[1,1]",
        "[1 ,\t2\n,\r3]", "tru\"e\"fal\"se\"1"})
    expect_bound(json);
}

TEST(JsonIndex, IsNeverLessForAnyBytes) {
  const std::string alphabet = "{}[]:,\"\\ a1";
  uint64_t state = 1;
  for (int round = 0; round < 5000; ++round) {
    std::string json;
    for (int i = 0; i < 40; ++i) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      json += alphabet[(state >> 33) % alphabet.size()];
    }
    expect_bound(json);
  }
}

TEST(JsonIndex, StringsAreOneEntryHoweverLong) {
  EXPECT_LE(json_index_bytes('"' + std::string(1 << 20, ',') + '"'), 8u);
  EXPECT_LE(json_index_bytes('"' + std::string(1 << 20, '\\') + '"'), 8u);
}

}  // namespace
}  // namespace cistern

#include "server/status/page_template.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace cistern {
namespace {

const auto kValues = nlohmann::ordered_json::parse(R"({
  "name": "a<b> & \"c\" 'd'", "on": true, "off": false, "none": null, "zero": 0, "empty": [], "bytes": 1536,
  "inner": {"name": "inside", "deep": {"count": 1234}},
  "items": [{"name": "one", "nested": [1, 2]}, {"name": "two", "nested": []}]})");

std::string filled(std::string_view page) { return fill_template(page, kValues); }

TEST(PageTemplate, ValuesAreEscapedAndFormatted) {
  EXPECT_EQ(filled("<b>{{name}}</b>"), "<b>a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;</b>");
  EXPECT_EQ(filled("{{bytes|bytes}} {{inner.deep.count}}"), "1.50 KiB 1,234");
  EXPECT_EQ(filled("{{none}} {{unknown.too}} {{on}}"), "– – true");
}

TEST(PageTemplate, SectionsShowWhatThereIs) {
  EXPECT_EQ(
      filled("{{#on}}1{{/on}}{{#off}}2{{/off}}{{#zero}}3{{/zero}}{{#empty}}4{{/empty}}{{#bytes}}5{{/bytes}}"),
      "15");
  EXPECT_EQ(filled("{{^on}}1{{/on}}{{^off}}2{{/off}}{{^none}}3{{/none}}{{^empty}}4{{/empty}}"), "234");
  EXPECT_EQ(filled("{{#inner}}{{name}}, {{bytes|bytes}}{{/inner}}"), "inside, 1.50 KiB");
}

TEST(PageTemplate, ListsAreFilledItemByItem) {
  EXPECT_EQ(
      filled("{{#items}}<{{name}}{{#nested}} {{.}}{{/nested}}{{^nested}} nothing{{/nested}}>{{/items}}"),
      "<one 1 2><two nothing>");
}

}  // namespace
}  // namespace cistern

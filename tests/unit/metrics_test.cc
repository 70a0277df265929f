#include "pipeline/metrics.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "pipeline/decode/dead_letter.h"

namespace cistern {
namespace {

prometheus::MetricFamily family(const prometheus::Registry& registry, const std::string& name) {
  const auto all = registry.Collect();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.name == name; });
  return found == all.end() ? prometheus::MetricFamily{} : *found;
}

TEST(Metrics, EveryReasonOfDeadLettersIsZeroFromTheStart) {
  prometheus::Registry registry;
  const Metrics metrics(registry);
  std::vector<std::string> reasons;
  for (const auto& metric : family(registry, "cistern_dead_letters_total").metric) {
    EXPECT_EQ(metric.counter.value, 0);
    reasons.push_back(metric.label.at(0).value);
  }
  std::sort(reasons.begin(), reasons.end());
  EXPECT_EQ(reasons, (std::vector<std::string>{"bad_envelope", "bad_gzip", "bad_json", "binary",
                                               "inflates_too_large", "invalid_utf8", "lines_too_large",
                                               "too_many_events", "too_many_partitions"}));
}

TEST(Metrics, TheLevelDoesNotStartAsIfThereWerePressure) {
  prometheus::Registry registry;
  const Metrics metrics(registry);
  EXPECT_EQ(family(registry, "cistern_compression_level").metric.at(0).gauge.value, 6);
}

}  // namespace
}  // namespace cistern

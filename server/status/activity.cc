#include "server/status/activity.h"

namespace cistern {

void Activity::look(int64_t steady_ms, int64_t wall_ms) {
  Look look{steady_ms,
            metrics_.deliveries.counts(),
            {metrics_.events.Value(), metrics_.wire_bytes.Value(), metrics_.log_bytes.Value(),
             metrics_.stored_bytes.Value(), metrics_.stored_events.Value()},
            {}};
  bounds_.clear();
  for (const auto& bucket : metrics_.ack_seconds.Collect().histogram.bucket) {
    bounds_.push_back(bucket.upper_bound);
    look.acknowledged.push_back(bucket.cumulative_count);
  }
  for (const auto& [key, count] : metrics_.deliveries_by_key.counts()) {
    KeyUse& use = keys_[key];
    if (count > use.deliveries) use.last_ms = wall_ms;
    use.deliveries = count;
  }
  looks_.push_back(std::move(look));
  while (steady_ms - looks_.front().steady_ms > kWindowMs) looks_.pop_front();
}

double Activity::window_seconds() const {
  if (looks_.empty()) return 0;
  return static_cast<double>(looks_.back().steady_ms - looks_.front().steady_ms) / 1000;
}

double Activity::deliveries_per_second(const std::string& status) const {
  if (window_seconds() == 0) return 0;
  auto count = [&](const Look& look) {
    const auto found = look.deliveries.find(status);
    return found == look.deliveries.end() ? 0 : found->second;
  };
  return (count(looks_.back()) - count(looks_.front())) / window_seconds();
}

double Activity::deliveries_per_second() const {
  double sum = 0;
  if (!looks_.empty())
    for (const auto& [status, count] : looks_.back().deliveries) sum += deliveries_per_second(status);
  return sum;
}

double Activity::rate(Total total) const {
  if (window_seconds() == 0) return 0;
  return (looks_.back().totals[total] - looks_.front().totals[total]) / window_seconds();
}

uint64_t Activity::acknowledged() const {
  if (looks_.empty() || looks_.back().acknowledged.empty()) return 0;
  return looks_.back().acknowledged.back() - looks_.front().acknowledged.back();
}

std::optional<Activity::Percentiles> Activity::acknowledgement() const {
  if (acknowledged() == 0) return std::nullopt;
  return Percentiles{quantile(0.5), quantile(0.9), quantile(0.99)};
}

// As Prometheus' histogram_quantile: within a bucket, evenly spread; beyond the last bound, that bound.
double Activity::quantile(double share) const {
  const double wanted = share * static_cast<double>(acknowledged());
  double below = 0, lower = 0;
  for (size_t i = 0; i < bounds_.size(); ++i) {
    const auto upto = static_cast<double>(looks_.back().acknowledged[i] - looks_.front().acknowledged[i]);
    if (i + 1 == bounds_.size()) return lower;
    if (upto >= wanted && upto > below)
      return lower + (bounds_[i] - lower) * (wanted - below) / (upto - below);
    below = upto;
    lower = bounds_[i];
  }
  return lower;
}

int64_t Activity::last_use_ms(const std::string& key) const {
  const auto found = keys_.find(key);
  return found == keys_.end() ? 0 : found->second.last_ms;
}

}  // namespace cistern

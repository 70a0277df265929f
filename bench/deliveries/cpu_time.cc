#include "bench/deliveries/cpu_time.h"

#include <algorithm>

namespace cistern {
namespace {

double turn(const Contender& contender, double turn_seconds) {
  double bytes = 0;
  const double began = thread_cpu_seconds();
  double spent = 0;
  do {
    bytes += contender.run();
    spent = thread_cpu_seconds() - began;
  } while (spent < turn_seconds);
  return bytes / spent;
}

}  // namespace

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::vector<Speed> in_turns(const std::vector<Contender>& contenders, int rounds, double turn_seconds) {
  std::vector<std::vector<double>> turns(contenders.size());
  for (int round = 0; round < rounds; ++round) {
    for (size_t i = 0; i < contenders.size(); ++i) turns[i].push_back(turn(contenders[i], turn_seconds));
  }
  std::vector<Speed> speeds;
  for (size_t i = 0; i < contenders.size(); ++i) speeds.push_back({contenders[i].name, median(turns[i])});
  return speeds;
}

}  // namespace cistern

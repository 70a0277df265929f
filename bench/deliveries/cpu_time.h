// CPU time and repetition: what every in-process figure of bench/ is made of.
#pragma once

#include <ctime>
#include <functional>
#include <string>
#include <vector>

namespace cistern {

// Of the calling thread, in seconds. The time of others on a shared machine is not in it, what they do to the
// caches is.
inline double thread_cpu_seconds() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// One thing to be measured: `run` does it once on this thread and says how many bytes it did.
struct Contender {
  std::string name;
  std::function<double()> run;
};

struct Speed {
  std::string name;
  double bytes_per_cpu_second = 0;
};

// The contenders take turns, `rounds` times, each turn for `turn_seconds` of CPU and at least once; what
// counts is the median of a contender's turns.
std::vector<Speed> in_turns(const std::vector<Contender>& contenders, int rounds, double turn_seconds);

double median(std::vector<double> values);

}  // namespace cistern

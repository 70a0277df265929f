// Which seeds a test takes: 1 to `count`; or, from the environment,
//   CISTERN_SEED=17                            this one alone, to repeat a run that failed
//   CISTERN_SEEDS=100000 CISTERN_FIRST_SEED=1001   more of them, and others
// A sanitizer's build is many times slower and takes a fifth of `count`.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

namespace cistern::test {

struct Seeds {
  uint64_t first = 1;
  uint64_t last = 1;

  static Seeds chosen(uint64_t count) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    count = (count + 4) / 5;
#endif
    if (const uint64_t only = number_from("CISTERN_SEED", 0); only != 0) return {only, only};
    const uint64_t first = number_from("CISTERN_FIRST_SEED", 1);
    return {first, first + number_from("CISTERN_SEEDS", count) - 1};
  }
  // What to say of one that failed.
  static std::string repeat(uint64_t seed, const std::string& test) {
    return "seed " + std::to_string(seed) + "; to repeat it: CISTERN_SEED=" + std::to_string(seed) +
           " fault_tests --gtest_filter='" + test + "'";
  }

 private:
  static uint64_t number_from(const char* variable, uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
  }
};

}  // namespace cistern::test

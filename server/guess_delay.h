// How long the answer to a wrong access key waits, by the address it came from: not at all for the first few,
// then ever longer. Right keys are never held up. Any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

namespace cistern {

class GuessDelay {
 public:
  static constexpr int64_t kLongestMs = 5'000;
  static constexpr size_t kMostAddresses = 10'000;  // beyond it, new ones are counted as one

  // Counts one wrong key. `now_ms` is of a steady clock. An address that sends none for ten minutes begins
  // anew.
  int64_t next_ms(const std::string& address, int64_t now_ms);

 private:
  struct Guesses {
    uint32_t count = 0;
    int64_t last_ms = 0;
  };
  Guesses& guesses_of(const std::string& address, int64_t now_ms);

  std::mutex mutex_;
  std::unordered_map<std::string, Guesses> by_address_;
  Guesses others_;
};

}  // namespace cistern

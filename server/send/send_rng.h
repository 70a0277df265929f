// Seeded randomness that gives the same sequence with every compiler and library. Not for secrets.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cistern {

// A bijection that scatters neighbouring numbers (the finalizer of splitmix64).
inline uint64_t scatter(uint64_t x) {
  x += 0x9e3779b97f4a7c15ull;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

class SendRng {
 public:
  explicit SendRng(uint64_t seed) : state_(scatter(seed)) {}
  uint64_t next() { return scatter(state_ += 0x9e3779b97f4a7c15ull); }
  // 0 .. bound-1; `bound` is at least 1.
  uint64_t below(uint64_t bound) { return next() % bound; }
  double fraction() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }  // 0 <= x < 1
  bool chance(double probability) { return fraction() < probability; }
  template <class T, size_t N>
  const T& pick(const T (&choices)[N]) {
    return choices[below(N)];
  }

 private:
  uint64_t state_;
};

}  // namespace cistern

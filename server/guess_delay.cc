// See guess_delay.h. Owned by the HTTP edge.
#include "server/guess_delay.h"

#include <algorithm>

namespace cistern {
namespace {

constexpr uint32_t kFree = 3;  // an operator who mistypes is not held up
constexpr int64_t kFirstMs = 100;
constexpr int64_t kForgetMs = 600'000;

}  // namespace

int64_t GuessDelay::next_ms(const std::string& address, int64_t now_ms) {
  std::lock_guard lock(mutex_);
  Guesses& guesses = guesses_of(address, now_ms);
  if (now_ms - guesses.last_ms > kForgetMs) guesses.count = 0;
  guesses.last_ms = now_ms;
  guesses.count = std::min(guesses.count + 1, 1000u);
  if (guesses.count <= kFree) return 0;
  return std::min(kLongestMs, kFirstMs << std::min(guesses.count - kFree - 1, 16u));
}

GuessDelay::Guesses& GuessDelay::guesses_of(const std::string& address, int64_t now_ms) {
  if (auto known = by_address_.find(address); known != by_address_.end()) return known->second;
  if (by_address_.size() >= kMostAddresses)
    std::erase_if(by_address_, [&](const auto& each) { return now_ms - each.second.last_ms > kForgetMs; });
  if (by_address_.size() >= kMostAddresses) return others_;
  return by_address_[address];
}

}  // namespace cistern

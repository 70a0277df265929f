// Answers at metrics.listen while a start reads the journal, which may take a while: /livez that the process
// lives, /readyz how far it is, /metrics. On a thread of its own, since nothing else runs yet. Gives the
// address free when it dies.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include <prometheus/collectable.h>

#include "pipeline/clock.h"
#include "pipeline/result.h"
#include "server/config.h"

namespace cistern {

class RecoveryStatus {
 public:
  // `metrics` and `clock` outlive it. Without metrics.listen, or when its address is not to be had (which the
  // service's own listener tells), it answers nobody.
  RecoveryStatus(const Config& config, const prometheus::Collectable& metrics, const Clock& clock);
  ~RecoveryStatus();
  RecoveryStatus(RecoveryStatus&&) = delete;

  // Any thread.
  void set(uint64_t read_bytes, uint64_t of_bytes);

  uint16_t port() const;  // 0: it answers nobody

 private:
  struct Listening;
  Result<> ready() const;

  std::atomic<uint64_t> read_bytes_{0};
  std::atomic<uint64_t> of_bytes_{0};
  std::unique_ptr<Listening> listening_;
};

}  // namespace cistern

#include "server/runtime.h"

#include <algorithm>

namespace cistern {
namespace {

constexpr size_t kStoreThreads = 4;

uint64_t workers_for(uint64_t configured) {
  return configured > 0 ? configured : std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace

Runtime::Runtime(const RuntimeConfig& config)
    : worker_count_(workers_for(config.workers)),
      io_threads_(std::max<uint64_t>(config.io_threads, 1)),
      io_(static_cast<int>(io_threads_)),
      disk_(1),
      workers_(worker_count_),
      store_(kStoreThreads),
      io_guard_(io_.get_executor()),
      disk_guard_(disk_.get_executor()) {}

Runtime::~Runtime() { stop(); }

void Runtime::run() {
  std::vector<std::thread> threads;
  threads.emplace_back([this] { disk_.run(); });
  for (uint64_t i = 1; i < io_threads_; ++i) threads.emplace_back([this] { io_.run(); });
  io_.run();
  for (std::thread& thread : threads) thread.join();
  workers_.join();
  store_.join();
}

void Runtime::stop() {
  io_.stop();
  workers_.stop();
  store_.stop();
  disk_.stop();
}

void every_ms(Clock& clock, int64_t period_ms, std::function<void()> function) {
  clock.after_ms(period_ms, [&clock, period_ms, function = std::move(function)]() mutable {
    function();
    every_ms(clock, period_ms, std::move(function));
  });
}

}  // namespace cistern

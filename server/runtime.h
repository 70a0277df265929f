// The four executors and the clock. io: sockets, timers, uploads (a few threads). workers: decoding and
// framing. disk: one thread that owns the journal and the partitions. store: what may wait for a slow store.
// Made first and destroyed last by the Service.
#pragma once

#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "pipeline/result.h"
#include "server/config.h"
#include "server/io_clock.h"

namespace cistern {

class Runtime : public Clock {
 public:
  explicit Runtime(const RuntimeConfig& config);
  ~Runtime() override;

  boost::asio::io_context& io() { return io_; }
  boost::asio::any_io_executor workers() { return workers_.get_executor(); }
  boost::asio::any_io_executor disk() { return disk_.get_executor(); }
  // For what may wait for a slow store: building and writing objects. Apart from the workers, so that a store
  // that hangs does not stop deliveries from being taken.
  boost::asio::any_io_executor store() { return store_.get_executor(); }
  uint64_t worker_count() const { return worker_count_; }

  // Runs the executors until `work` is done; instead of run(), for commands that do one thing.
  template <class T>
  Result<T> wait_for(boost::asio::awaitable<Result<T>> work) {
    std::optional<Result<T>> outcome;
    boost::asio::co_spawn(io_, keep(std::move(work), outcome), [this](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
      stop();
    });
    run();
    return std::move(*outcome);
  }

  // Runs the executors on their threads, and io on this one too, until stop().
  void run();
  // Ends run() when the handlers at hand have returned. Any thread.
  void stop();

  int64_t wall_ms() const override { return clock_.wall_ms(); }
  int64_t steady_ns() const override { return clock_.steady_ns(); }
  void after_ms(int64_t delay_ms, std::function<void()> then) override {
    clock_.after_ms(delay_ms, std::move(then));
  }

 private:
  template <class T>
  static boost::asio::awaitable<void> keep(boost::asio::awaitable<Result<T>> work,
                                           std::optional<Result<T>>& outcome) {
    outcome = co_await std::move(work);
  }

  using Guard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;

  const uint64_t worker_count_;
  const uint64_t io_threads_;
  boost::asio::io_context io_;
  IoClock clock_{io_};
  boost::asio::io_context disk_;
  boost::asio::thread_pool workers_;
  boost::asio::thread_pool store_;
  Guard io_guard_;
  Guard disk_guard_;
};

// Calls `function` on the io executor every `period_ms`, until the runtime stops.
void every_ms(Clock& clock, int64_t period_ms, std::function<void()> function);

}  // namespace cistern

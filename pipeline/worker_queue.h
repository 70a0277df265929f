// The workers executor for deliveries, with a count of what is at hand: the pressure that chooses the
// compression level.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/post.hpp>

namespace cistern {

// Any thread. Must outlive what is posted.
class WorkerQueue {
 public:
  explicit WorkerQueue(boost::asio::any_io_executor workers) : workers_(std::move(workers)) {}

  template <class Function>
  void post(Function function) {
    at_hand_.fetch_add(1, std::memory_order_relaxed);
    boost::asio::post(workers_, [this, function = std::move(function)]() mutable {
      function();
      at_hand_.fetch_sub(1, std::memory_order_relaxed);
    });
  }
  // Posted and not finished: those that wait and those that are being worked on.
  uint64_t at_hand() const { return at_hand_.load(std::memory_order_relaxed); }

 private:
  const boost::asio::any_io_executor workers_;
  std::atomic<uint64_t> at_hand_{0};
};

}  // namespace cistern

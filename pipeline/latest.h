// A value that is replaced now and then while others read it: readers keep what they got. Any thread. A mutex
// and not std::atomic<std::shared_ptr>, whose lock bit GCC 12's thread sanitizer cannot see.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace cistern {

template <class T>
class Latest {
 public:
  explicit Latest(std::shared_ptr<const T> value = nullptr) : value_(std::move(value)) {}
  std::shared_ptr<const T> get() const {
    std::lock_guard lock(mutex_);
    return value_;
  }
  void set(std::shared_ptr<const T> value) {
    std::lock_guard lock(mutex_);
    value_.swap(value);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace cistern

// What tests of stores share: executors, clocks, objects made of given pieces.
#pragma once

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "pipeline/clock.h"
#include "pipeline/digest.h"
#include "pipeline/store/object_store.h"

namespace cistern::store_rig {

class RealClock : public Clock {
 public:
  int64_t wall_ms() const override {
    return since<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
  int64_t steady_ns() const override {
    return since<std::chrono::nanoseconds>(std::chrono::steady_clock::now());
  }
  void after_ms(int64_t, std::function<void()>) override {}  // a healthy store never waits

 private:
  template <class Unit, class Time>
  static int64_t since(Time time) {
    return std::chrono::duration_cast<Unit>(time.time_since_epoch()).count();
  }
};

// A clock that stands until somebody waits: then the wait is over at once, and remembered.
class SteppingClock : public Clock {
 public:
  explicit SteppingClock(int64_t wall_ms) : start_ms_(wall_ms) {}
  int64_t wall_ms() const override { return start_ms_ + passed_ms_; }
  int64_t steady_ns() const override { return passed_ms_ * 1'000'000; }
  void after_ms(int64_t delay_ms, std::function<void()> then) override {
    passed_ms_ += delay_ms;
    waits_ms.push_back(delay_ms);
    then();
  }
  std::vector<int64_t> waits_ms;

 private:
  const int64_t start_ms_;
  int64_t passed_ms_ = 0;
};

// One thread for coroutines (the caller's, in run()) and two workers.
class Executors {
 public:
  ~Executors() { workers_.join(); }
  boost::asio::any_io_executor io() { return io_.get_executor(); }
  boost::asio::any_io_executor workers() { return workers_.get_executor(); }

  template <class T>
  T run(boost::asio::awaitable<T> work) {
    return std::move(run_all<T>(one(std::move(work))).front());
  }
  // All at once; the results in their order.
  template <class T>
  std::vector<T> run_all(std::vector<boost::asio::awaitable<T>> works) {
    std::vector<std::optional<T>> results(works.size());
    for (size_t i = 0; i < works.size(); ++i) {
      boost::asio::co_spawn(io_, keep(std::move(works[i]), results[i]), [](std::exception_ptr failure) {
        if (failure) std::rethrow_exception(failure);
      });
    }
    io_.restart();
    io_.run();
    std::vector<T> out;
    for (auto& result : results) out.push_back(std::move(*result));
    return out;
  }

 private:
  template <class T>
  static std::vector<boost::asio::awaitable<T>> one(boost::asio::awaitable<T> work) {
    std::vector<boost::asio::awaitable<T>> works;
    works.push_back(std::move(work));
    return works;
  }
  template <class T>
  static boost::asio::awaitable<void> keep(boost::asio::awaitable<T> work, std::optional<T>& result) {
    result.emplace(co_await std::move(work));
  }

  boost::asio::io_context io_;
  boost::asio::thread_pool workers_{2};
};

// Given pieces; asking for the piece `broken` fails.
class Pieces : public ObjectBytes {
 public:
  explicit Pieces(std::vector<std::string> pieces, size_t broken = SIZE_MAX)
      : pieces_(std::move(pieces)), broken_(broken) {}
  size_t pieces() const override { return pieces_.size(); }
  Result<std::shared_ptr<const Buffer>> piece(size_t index) const override {
    if (index == broken_) return fatal("this piece is damaged");
    return std::shared_ptr<const Buffer>(std::make_shared<Buffer>(pieces_[index]));
  }

 private:
  std::vector<std::string> pieces_;
  size_t broken_;
};

inline std::shared_ptr<Object> make_object(std::string key, std::string journal_id, uint64_t sequence,
                                           std::vector<std::string> pieces, size_t broken = SIZE_MAX) {
  auto object = std::make_shared<Object>();
  std::string whole;
  for (const std::string& piece : pieces) whole += piece;
  object->key = std::move(key);
  object->journal_id = std::move(journal_id);
  object->sequence = sequence;
  object->size = whole.size();
  object->digest = sha256(whole);
  ChecksumStream checksums({.crc32c = true, .crc64nvme = true, .md5 = true});
  checksums.update(whole);
  object->checksums = checksums.finish();
  object->events = 3;
  object->first_ms = 1'795'248'000'123;
  object->last_ms = 1'795'251'599'998;
  object->bytes = std::make_shared<Pieces>(std::move(pieces), broken);
  return object;
}

}  // namespace cistern::store_rig

// A listener's connections in the order they came, and which of them goes when there are too many: the oldest
// over which no right access key has come yet. Whoever has none can so fill neither the limit nor memory, and
// a delivery passes as long as it shows its key before as many newer strangers have come as the limit allows.
// Any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "server/connection.h"

namespace cistern {

class OpenConnections {
 public:
  enum class Room { free, dropped_one, over, far_over };

  explicit OpenConnections(uint64_t limit) : limit_(limit) {}

  // Another limit, for those that come.
  void use(uint64_t limit) {
    const std::lock_guard lock(mutex_);
    limit_ = limit;
  }
  // For one more. At the limit a stranger is dropped; where there is none, it would be `over`. `far_over`: an
  // eighth of the limit is over it already, or on its way out.
  Room make_room();
  void add(const std::shared_ptr<Connection>& connection, Room room);
  void remove(const std::shared_ptr<Connection>& connection);
  // Ends the idle ones; `drained` is called when none is left, perhaps at once.
  void drain(std::function<void()> drained);

 private:
  struct Entry {
    std::weak_ptr<Connection> connection;
    bool dropped = false;
  };

  bool drop_stranger();

  std::mutex mutex_;  // guards what follows
  uint64_t limit_;
  std::unordered_map<Connection*, Entry> all_;
  std::deque<std::weak_ptr<Connection>> strangers_;  // oldest first; those that are none any more go when met
  uint64_t dropped_ = 0;                             // of all_; not gone yet
  std::function<void()> drained_;
};

}  // namespace cistern

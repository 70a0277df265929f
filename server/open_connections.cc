// See open_connections.h. Owned by the HTTP edge.
#include "server/open_connections.h"

#include <utility>

namespace cistern {

OpenConnections::Room OpenConnections::make_room() {
  const std::lock_guard lock(mutex_);
  if (all_.size() >= limit_ + limit_ / 8 + 8) return Room::far_over;
  if (all_.size() - dropped_ < limit_) return Room::free;
  return drop_stranger() ? Room::dropped_one : Room::over;
}

bool OpenConnections::drop_stranger() {
  while (!strangers_.empty()) {
    const auto connection = strangers_.front().lock();
    strangers_.pop_front();
    if (connection == nullptr || connection->trusted()) continue;
    const auto entry = all_.find(connection.get());
    if (entry == all_.end()) continue;  // it is leaving by itself
    entry->second.dropped = true;
    ++dropped_;
    connection->drop();
    return true;
  }
  return false;
}

// Those over the limit have their answer coming, and are bounded by themselves.
void OpenConnections::add(const std::shared_ptr<Connection>& connection, Room room) {
  const std::lock_guard lock(mutex_);
  all_.emplace(connection.get(), Entry{connection});
  if (room == Room::over) return;
  if (strangers_.size() >= 2 * limit_)
    std::erase_if(strangers_, [](const auto& each) { return each.expired(); });
  strangers_.push_back(connection);
}

void OpenConnections::remove(const std::shared_ptr<Connection>& connection) {
  const std::lock_guard lock(mutex_);
  const auto entry = all_.find(connection.get());
  dropped_ -= entry->second.dropped ? 1 : 0;
  all_.erase(entry);
  if (all_.empty() && drained_) std::exchange(drained_, nullptr)();
}

void OpenConnections::drain(std::function<void()> drained) {
  const std::lock_guard lock(mutex_);
  for (const auto& [raw, entry] : all_)
    if (const auto connection = entry.connection.lock()) connection->end_if_idle();
  if (all_.empty()) return drained();
  drained_ = std::move(drained);
}

}  // namespace cistern

// Brings deliveries to the sender: made on a thread of their own while others are under way, or all
// beforehand.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "pipeline/clock.h"
#include "server/send/delivery_writer.h"

namespace cistern {

// Used on one thread; `writer` belongs to the supply's own from the first next() on. Both references must
// outlive it.
class DeliverySupply {
 public:
  DeliverySupply(DeliveryWriter& writer, const Clock& clock) : writer_(writer), clock_(clock) {}
  ~DeliverySupply() { maker_.join(); }

  // Makes all deliveries there are and keeps them; their number. Blocks.
  uint64_t prepare();
  // Null: there is nothing more to send. Resumes on the caller's executor.
  boost::asio::awaitable<std::shared_ptr<const SendDelivery>> next();

 private:
  std::shared_ptr<const SendDelivery> make() { return writer_.next(clock_.wall_ms()); }

  DeliveryWriter& writer_;
  const Clock& clock_;
  std::deque<std::shared_ptr<const SendDelivery>> prepared_;
  boost::asio::thread_pool maker_{1};
};

}  // namespace cistern

#include "server/send/delivery_supply.h"

#include "pipeline/call_on.h"

namespace cistern {

uint64_t DeliverySupply::prepare() {
  while (auto delivery = make()) prepared_.push_back(std::move(delivery));
  return prepared_.size();
}

boost::asio::awaitable<std::shared_ptr<const SendDelivery>> DeliverySupply::next() {
  if (prepared_.empty()) co_return co_await call_on(maker_.get_executor(), [this] { return make(); });
  auto delivery = std::move(prepared_.front());
  prepared_.pop_front();
  co_return delivery;
}

}  // namespace cistern

// Sends deliveries over several connections at a bounded rate and tries each again as Firehose would: the
// same bytes under the same request id.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "pipeline/clock.h"
#include "server/send/acknowledged_file.h"
#include "server/send/answer_check.h"
#include "server/send/delivery_writer.h"
#include "server/send/send_report.h"

namespace cistern {

// Everything runs on one thread, that of `executor`; what is referred to must outlive the sender, and the
// sender `done`.
class Sender {
 public:
  using Delivery = std::shared_ptr<const SendDelivery>;
  // Brings the next delivery; null: there is none.
  using Next = std::function<boost::asio::awaitable<Delivery>()>;
  // One try. Error: there was no answer.
  using Post = std::function<boost::asio::awaitable<Result<HttpResponse>>(Delivery)>;

  struct Parts {
    boost::asio::any_io_executor executor;
    Clock& clock;
    Next next;
    Post post;
    SendReport& report;
    AcknowledgedFile* file = nullptr;  // null: none is written
  };
  Sender(const SendOptions& options, Parts parts);

  // `done` is called once, when every delivery has been acknowledged or given up.
  void start(std::function<void()> done);
  // No new deliveries; those under way are tried to their end.
  void finish() { no_more_ = true; }
  // Nor further tries; those under way are waited for.
  void stop() { no_more_ = stopping_ = true; }
  // What made the sender stop by itself (the acknowledged file cannot be written).
  const std::optional<Error>& broken() const { return broken_; }

 private:
  boost::asio::awaitable<void> run_connection();
  boost::asio::awaitable<void> wait_turn();
  boost::asio::awaitable<void> send(Delivery delivery);
  boost::asio::awaitable<bool> deliver(Delivery delivery);
  boost::asio::awaitable<void> wait(int64_t wait_ms);
  void finished(const SendDelivery& delivery, bool acknowledged);
  bool check(Result<> written);

  const SendOptions& options_;
  Parts parts_;
  SendRng rng_;
  std::function<void()> done_;
  uint64_t running_ = 0;
  int64_t next_turn_ns_ = 0;
  bool no_more_ = false;
  bool stopping_ = false;
  std::optional<Error> broken_;
};

}  // namespace cistern

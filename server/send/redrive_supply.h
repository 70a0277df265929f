// Dead letters -> deliveries that bring their records once more: one for each delivery that had brought them
// (more, where they are many), with its time, and with an id made of what is in it. So whoever redrives twice
// sends the same deliveries, which are known again.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/send/dead_letter_file.h"
#include "server/send/delivery_writer.h"

namespace cistern {

// One thread. Reads a file when its first delivery is asked for.
class RedriveSupply {
 public:
  explicit RedriveSupply(const SendOptions& options) : options_(options) {}

  // Null: there is nothing more, or broken() says why not.
  std::shared_ptr<const SendDelivery> next();
  const std::optional<Error>& broken() const { return broken_; }

 private:
  bool read_next_file();

  const SendOptions& options_;
  size_t next_file_ = 0;
  std::deque<StoredDeadLetter> letters_;  // of the file at hand, not sent yet
  std::optional<Error> broken_;
};

// `letters` are of one delivery. Pure.
SendDelivery redrive_delivery(const SendOptions& options, const std::vector<StoredDeadLetter>& letters);

}  // namespace cistern

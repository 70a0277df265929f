// New deliveries out of one that was made before, at the price of a copy: another request id, and another
// MTIME in each record's gzip header, so that no record is a repeat of one that was sent.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "server/send/delivery_writer.h"

namespace cistern {

// One thread.
class FreshDeliveries {
 public:
  // `partitions` > 0: each delivery names another of so many in the common attribute `part`.
  FreshDeliveries(std::vector<std::shared_ptr<const SendDelivery>> made, bool gzip, uint64_t partitions);

  // The next in turn.
  std::shared_ptr<const SendDelivery> next();
  // The next in turn as it was made.
  std::shared_ptr<const SendDelivery> next_as_made();

 private:
  void stamp_records(SendDelivery& delivery, const std::vector<size_t>& places);
  void add_headers(SendDelivery& delivery);

  const std::vector<std::shared_ptr<const SendDelivery>> made_;
  std::vector<std::vector<size_t>> places_;  // of each delivery's records: where their base64 begins
  const bool gzip_;
  const uint64_t partitions_;
  SendRng rng_;
  Gzip codec_;
  uint64_t turn_ = 0;
  uint32_t stamp_ = 0;
};

}  // namespace cistern

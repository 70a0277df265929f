// Records -> one Firehose request: the body and every header, as the real service sends them (HTTP endpoint
// delivery request and response specification, protocol 1.0).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/codec.h"
#include "pipeline/store/http_message.h"
#include "server/send/record_maker.h"
#include "server/send/send_options.h"
#include "server/send/send_rng.h"

namespace cistern {

// Ready to be sent, as often as it takes: a retry is the same bytes.
struct SendDelivery {
  std::string request_id;
  std::vector<std::pair<std::string, std::string>> headers;  // Host and Content-Length are the client's
  std::string body;
  std::string claims;  // lines for the acknowledged file; empty when none is written
  uint64_t records = 0;
  uint64_t events = 0;  // that an archive must hold
  uint64_t control_messages = 0;
  uint64_t dead_letters = 0;
  uint64_t log_bytes = 0;  // decompressed CloudWatch payload
  uint64_t repeat = 0;     // how often to send it once more: 0 or 1
};

// The headers of a delivery, but for those of its encoding and tracing. Pure.
std::vector<std::pair<std::string, std::string>> firehose_headers(const SendOptions& options,
                                                                  const std::string& request_id,
                                                                  const std::string& source_arn);

// One try of it. Pure.
HttpRequest request_of(const SendDelivery& delivery, const std::string& target);

// One thread.
class DeliveryWriter {
 public:
  DeliveryWriter(const SendOptions& options, LogLines& lines, uint64_t identity);
  // Null: there is nothing more to send.
  std::shared_ptr<const SendDelivery> next(int64_t request_ms);

 private:
  void add_record(const SentRecord& record, SendDelivery& delivery);
  void add_headers(int64_t request_ms, SendDelivery& delivery);
  void compress(SendDelivery& delivery);

  const SendOptions& options_;
  RecordMaker records_;
  SendRng rng_;         // what is the same for the same seed
  SendRng identities_;  // what never is
  Gzip gzip_;
};

}  // namespace cistern

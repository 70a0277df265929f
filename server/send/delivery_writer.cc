#include "server/send/delivery_writer.h"

#include <cstdio>

#include "pipeline/digest.h"
#include "server/send/acknowledged_file.h"
#include "server/send/json_string.h"

namespace cistern {
namespace {

std::string common_attributes(const std::vector<std::pair<std::string, std::string>>& attributes) {
  std::string json = R"({"commonAttributes":{)";
  for (const auto& [name, value] : attributes) {
    if (json.back() != '{') json += ',';
    append_json_string(name, json);
    json += ':';
    append_json_string(value, json);
  }
  return json + "}}";
}

std::string trace_id(int64_t request_ms, SendRng& rng) {
  char text[48];
  std::snprintf(text, sizeof text, "Root=1-%08x-%08x%016llx", static_cast<unsigned>(request_ms / 1000),
                static_cast<unsigned>(rng.next() >> 32), static_cast<unsigned long long>(rng.next()));
  return text;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> firehose_headers(const SendOptions& options,
                                                                  const std::string& request_id,
                                                                  const std::string& source_arn) {
  std::vector<std::pair<std::string, std::string>> headers{{"X-Amz-Firehose-Protocol-Version", "1.0"},
                                                           {"X-Amz-Firehose-Request-Id", request_id},
                                                           {"X-Amz-Firehose-Source-Arn", source_arn}};
  if (!options.access_key.empty()) headers.emplace_back("X-Amz-Firehose-Access-Key", options.access_key);
  if (!options.attributes.empty()) {
    headers.emplace_back("X-Amz-Firehose-Common-Attributes", common_attributes(options.attributes));
  }
  headers.emplace_back("Content-Type", "application/json");
  headers.emplace_back("User-Agent", "Amazon Kinesis Data Firehose Agent/1.0");
  return headers;
}

HttpRequest request_of(const SendDelivery& delivery, const std::string& target) {
  HttpRequest request;
  request.method = "POST";
  request.target = target;
  request.headers = delivery.headers;
  request.body = bytes_in_memory(delivery.body);
  request.body_size = delivery.body.size();
  return request;
}

DeliveryWriter::DeliveryWriter(const SendOptions& options, LogLines& lines, uint64_t identity)
    : options_(options),
      records_(options, lines, identity),
      rng_(options.seed + 3),
      identities_(scatter(identity)) {}

void DeliveryWriter::add_record(const SentRecord& record, SendDelivery& delivery) {
  delivery.body += delivery.records++ == 0 ? R"({"data":")" : R"(,{"data":")";
  delivery.body += base64_encode(record.datum);
  delivery.body += R"("})";
  delivery.log_bytes += record.log_bytes;
  delivery.control_messages += record.control_messages;
  delivery.dead_letters += record.dead ? 1 : 0;
  for (const SentEnvelope& envelope : record.envelopes) delivery.events += envelope.events.size();
  if (!options_.acknowledged.empty()) claim_record(record, delivery.request_id, delivery.claims);
}

void DeliveryWriter::add_headers(int64_t request_ms, SendDelivery& delivery) {
  delivery.headers = firehose_headers(options_, delivery.request_id, options_.source_arn);
  if (options_.gzip) delivery.headers.emplace_back("Content-Encoding", "gzip");
  delivery.headers.emplace_back("X-Amzn-Trace-Id", trace_id(request_ms, identities_));
}

void DeliveryWriter::compress(SendDelivery& delivery) {
  Buffer out;
  gzip_.run(delivery.body, Level{1}, out);
  delivery.body.assign(out.view());
}

std::shared_ptr<const SendDelivery> DeliveryWriter::next(int64_t request_ms) {
  auto delivery = std::make_shared<SendDelivery>();
  delivery->request_id = make_request_id(identities_);
  delivery->body = R"({"requestId":")" + delivery->request_id + R"(","timestamp":)" +
                   std::to_string(request_ms) + R"(,"records":[)";
  SentRecord record;
  while (delivery->records < options_.records_per_delivery && delivery->body.size() < options_.size &&
         records_.next(request_ms, record)) {
    add_record(record, *delivery);
  }
  if (delivery->records == 0) return nullptr;
  delivery->body += "]}";
  delivery->repeat = rng_.chance(options_.repeat) ? 1 : 0;
  if (options_.gzip) compress(*delivery);
  add_headers(request_ms, *delivery);
  return delivery;
}

}  // namespace cistern

#include "bench/deliveries/fresh_delivery.h"

#include <random>
#include <string_view>

#include "pipeline/digest.h"
#include "server/send/send_ids.h"

namespace cistern {
namespace {

constexpr std::string_view kData = R"("data":")";
constexpr std::string_view kGzip = "H4sI";  // a gzip member's first three bytes, in base64
constexpr size_t kRequestIdAt = std::string_view(R"({"requestId":")").size();

std::vector<size_t> records_of(const std::string& body) {
  std::vector<size_t> places;
  for (size_t at = body.find(kData); at != body.npos; at = body.find(kData, at + 1)) {
    if (body.compare(at + kData.size(), kGzip.size(), kGzip) == 0) places.push_back(at + kData.size());
  }
  return places;
}

uint64_t random_seed() {
  std::random_device random;
  return uint64_t{random()} << 32 | random();
}

}  // namespace

FreshDeliveries::FreshDeliveries(std::vector<std::shared_ptr<const SendDelivery>> made, bool gzip,
                                 uint64_t partitions)
    : made_(std::move(made)), gzip_(gzip), partitions_(partitions), rng_(random_seed()) {
  for (const auto& delivery : made_) places_.push_back(records_of(delivery->body));
}

std::shared_ptr<const SendDelivery> FreshDeliveries::next_as_made() { return made_[turn_++ % made_.size()]; }

std::shared_ptr<const SendDelivery> FreshDeliveries::next() {
  auto fresh = std::make_shared<SendDelivery>(*made_[turn_ % made_.size()]);
  stamp_records(*fresh, places_[turn_ % made_.size()]);
  fresh->body.replace(kRequestIdAt, fresh->request_id.size(), make_request_id(rng_));
  fresh->request_id = fresh->body.substr(kRequestIdAt, fresh->request_id.size());
  add_headers(*fresh);
  ++turn_;
  return fresh;
}

// Bytes 3 to 8 of the member, which are eight characters from the fifth on: flags, MTIME, extra flags.
void FreshDeliveries::stamp_records(SendDelivery& delivery, const std::vector<size_t>& places) {
  for (const size_t place : places) {
    ++stamp_;
    const char header[6] = {0,
                            static_cast<char>(stamp_),
                            static_cast<char>(stamp_ >> 8),
                            static_cast<char>(stamp_ >> 16),
                            static_cast<char>(stamp_ >> 24),
                            0};
    delivery.body.replace(place + kGzip.size(), 8, base64_encode({header, sizeof header}));
  }
}

void FreshDeliveries::add_headers(SendDelivery& delivery) {
  for (auto& [name, value] : delivery.headers) {
    if (name == "X-Amz-Firehose-Request-Id") value = delivery.request_id;
  }
  if (partitions_ > 0) {
    delivery.headers.emplace_back(
        "X-Amz-Firehose-Common-Attributes",
        R"({"commonAttributes":{"part":")" + std::to_string(turn_ % partitions_) + R"("}})");
  }
  if (!gzip_) return;
  Buffer out;
  codec_.run(Buffer(delivery.body).view(), Level{Level::kFastest}, out);
  delivery.body.assign(out.view());
  delivery.headers.emplace_back("Content-Encoding", "gzip");
}

}  // namespace cistern

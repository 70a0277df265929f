#include "server/send/redrive_supply.h"

#include <iterator>

#include "pipeline/digest.h"

namespace cistern {
namespace {

constexpr uint64_t kIdSeed = 0x7265'6472'6976'6521;
constexpr size_t kMostRecords = 10'000;  // the protocol's own bound

// The shape of an UUID, as Firehose's ids have.
std::string id_of(const std::vector<StoredDeadLetter>& letters) {
  std::string all;
  for (const StoredDeadLetter& letter : letters) {
    all += letter.request_id + ' ' + std::to_string(letter.record) + ' ' + letter.base64 + '\n';
  }
  std::string id = hex(digest128(all, kIdSeed));
  for (const size_t dash : {8, 13, 18, 23}) id.insert(dash, 1, '-');
  return id;
}

bool same_delivery(const StoredDeadLetter& a, const StoredDeadLetter& b) {
  return a.request_id == b.request_id && a.request_ms == b.request_ms && a.source_arn == b.source_arn;
}

}  // namespace

SendDelivery redrive_delivery(const SendOptions& options, const std::vector<StoredDeadLetter>& letters) {
  SendDelivery delivery;
  delivery.request_id = id_of(letters);
  delivery.records = letters.size();
  delivery.body = R"({"requestId":")" + delivery.request_id + R"(","timestamp":)" +
                  std::to_string(letters.front().request_ms) + R"(,"records":[)";
  for (const StoredDeadLetter& letter : letters) {
    if (delivery.body.back() == '}') delivery.body += ',';
    delivery.body += R"({"data":")" + letter.base64 + R"("})";
  }
  delivery.body += "]}";
  const std::string& arn = letters.front().source_arn;
  delivery.headers = firehose_headers(options, delivery.request_id, arn.empty() ? options.source_arn : arn);
  return delivery;
}

std::shared_ptr<const SendDelivery> RedriveSupply::next() {
  while (letters_.empty()) {
    if (!read_next_file()) return nullptr;
  }
  std::vector<StoredDeadLetter> together;
  uint64_t bytes = 0;
  while (!letters_.empty() && together.size() < kMostRecords && bytes < options_.size &&
         (together.empty() || same_delivery(together.front(), letters_.front()))) {
    bytes += letters_.front().base64.size();
    together.push_back(std::move(letters_.front()));
    letters_.pop_front();
  }
  return std::make_shared<const SendDelivery>(redrive_delivery(options_, together));
}

bool RedriveSupply::read_next_file() {
  if (broken_ || next_file_ == options_.files.size()) return false;
  auto letters = read_dead_letters(options_.files[next_file_++]);
  if (!letters) {
    broken_ = letters.error();
    return false;
  }
  letters_.assign(std::make_move_iterator(letters.value().begin()),
                  std::make_move_iterator(letters.value().end()));
  return true;
}

}  // namespace cistern

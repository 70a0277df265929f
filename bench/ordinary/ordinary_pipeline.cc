#include "bench/ordinary/ordinary_pipeline.h"

#include <stdexcept>

#include <openssl/evp.h>
#include <zlib.h>

#include <nlohmann/json.hpp>

#include "pipeline/utc_time.h"

namespace cistern {
namespace {

constexpr int kGzip = 16 + MAX_WBITS;
constexpr size_t kRoom = size_t{256} << 10;

Bytef* bytes(std::string_view text) { return reinterpret_cast<Bytef*>(const_cast<char*>(text.data())); }

void decode_base64(std::string_view text, std::string& out) {
  out.resize(text.size() / 4 * 3);
  const auto* in = reinterpret_cast<const unsigned char*>(text.data());
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  if (EVP_DecodeBlock(to, in, static_cast<int>(text.size())) < 0) throw std::runtime_error("not base64");
  out.resize(out.size() - (text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0));
}

}  // namespace

class OrdinaryPipeline::Inflater {
 public:
  Inflater() { inflateInit2(&stream_, kGzip); }
  ~Inflater() { inflateEnd(&stream_); }

  void run(std::string_view gzip, std::string& out) {
    inflateReset(&stream_);
    stream_.next_in = bytes(gzip);
    stream_.avail_in = static_cast<uInt>(gzip.size());
    size_t size = 0;
    for (int outcome = Z_OK; outcome != Z_STREAM_END; size = stream_.total_out) {
      if (out.size() < size + kRoom) out.resize(2 * size + kRoom);
      stream_.next_out = bytes(out) + size;
      stream_.avail_out = static_cast<uInt>(out.size() - size);
      outcome = inflate(&stream_, Z_NO_FLUSH);
      if (outcome != Z_OK && outcome != Z_STREAM_END) throw std::runtime_error("not gzip");
    }
    size_ = size;
  }
  size_t size() const { return size_; }

 private:
  z_stream stream_{};
  size_t size_ = 0;
};

struct OrdinaryPipeline::Object {
  Object() : room(kRoom, '\0') { deflateInit2(&stream, 6, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY); }
  ~Object() { deflateEnd(&stream); }
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  void add(std::string_view line, int flush) {
    stream.next_in = bytes(line);
    stream.avail_in = static_cast<uInt>(line.size());
    do {
      stream.next_out = bytes(room);
      stream.avail_out = static_cast<uInt>(room.size());
      deflate(&stream, flush);
      made.append(room, 0, room.size() - stream.avail_out);
    } while (stream.avail_out == 0);
  }

  z_stream stream{};
  std::string room;
  std::string made;
};

OrdinaryPipeline::OrdinaryPipeline() : inflater_(std::make_unique<Inflater>()) {}
OrdinaryPipeline::~OrdinaryPipeline() = default;

void OrdinaryPipeline::take(std::string_view body) {
  const auto document = nlohmann::json::parse(body);
  for (const auto& record : document.at("records")) {
    decode_base64(record.at("data").get_ref<const std::string&>(), datum_);
    inflater_->run(datum_, log_);
    take_envelope(std::string_view(log_).substr(0, inflater_->size()));
  }
}

void OrdinaryPipeline::take_envelope(std::string_view json) {
  const auto envelope = nlohmann::json::parse(json);
  if (envelope.at("messageType") != "DATA_MESSAGE") return;
  for (const auto& event : envelope.at("logEvents")) {
    const auto timestamp = event.at("timestamp").get<int64_t>();
    const nlohmann::ordered_json line = {{"timestamp", timestamp},
                                         {"id", event.at("id")},
                                         {"owner", envelope.at("owner")},
                                         {"logGroup", envelope.at("logGroup")},
                                         {"logStream", envelope.at("logStream")},
                                         {"message", event.at("message")}};
    line_ = line.dump();
    line_ += '\n';
    auto& object = objects_[timestamp / kHourMs];
    if (!object) object = std::make_unique<Object>();
    object->add(line_, Z_NO_FLUSH);
    ++lines_;
  }
}

uint64_t OrdinaryPipeline::finish() {
  uint64_t size = 0;
  for (auto& [hour, object] : objects_) {
    object->add({}, Z_FINISH);
    size += object->made.size();
  }
  objects_.clear();
  return size;
}

}  // namespace cistern

#include "bench/limit/limit_pipeline.h"

#include <cstring>
#include <string>

#include "pipeline/decode/frame_builder.h"
#include "pipeline/digest.h"
#include "pipeline/utc_time.h"

namespace cistern {
namespace {

char* put(std::string_view text, char* to) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

}  // namespace

void append_line(const ScannedEvent& event, std::string_view before_id, std::string_view before_message,
                 Buffer& out) {
  out.reserve(out.size() + event.message.size() + before_id.size() + before_message.size() + 128);
  char* to = put(R"({"timestamp":)", out.data() + out.size());
  int64_t rest = event.timestamp_ms;
  for (char* digit = to + 13; digit-- > to; rest /= 10) *digit = static_cast<char>('0' + rest % 10);
  to = put(before_id, to + 13);
  to = put(event.id, to);
  to = put(before_message, to);
  to = put(event.message, to);
  to = put("\"}\n", to);
  out.resize(static_cast<size_t>(to - out.data()));
}

void LimitPipeline::take(std::string_view body) {
  constexpr std::string_view kData = R"("data":")";
  for (size_t at = body.find(kData); at != body.npos; at = body.find(kData, at)) {
    at += kData.size();
    const size_t end = body.find('"', at);
    datum_.clear();
    log_.clear();
    if (!base64_decode(body.substr(at, end - at), datum_)) return;
    if (!inflate()) return;
    take_log(log_.view());
    at = end;
  }
}

bool LimitPipeline::inflate() {
  if (codecs_.inflating == By::service)
    return gunzip_.run(datum_.view(), uint64_t{1} << 32, log_).has_value();
  return libdeflate_gunzip_.run(datum_.view(), log_);
}

void LimitPipeline::take_log(std::string_view log) {
  EnvelopeScan scan(log);
  if (!scan.begin()) return;
  const std::string before_message = std::string(R"(","owner":")") + std::string(scan.owner) +
                                     R"(","logGroup":")" + std::string(scan.log_group) +
                                     R"(","logStream":")" + std::string(scan.log_stream) + R"(","message":")";
  ScannedEvent event;
  Object* object = nullptr;
  for (int64_t hour = 0; scan.next(event); ++lines_) {
    if (object == nullptr || event.timestamp_ms / kHourMs != hour) {
      hour = event.timestamp_ms / kHourMs;
      object = &objects_[hour];
    }
    append_line(event, R"(,"id":")", before_message, object->lines);
    if (object->lines.size() >= kFrameMemberBytes) compress(*object);
  }
}

void LimitPipeline::compress(Object& object) {
  member_.clear();
  const auto& level = codecs_.level;
  if (level && level->value == Level::kFastest && codecs_.deflating == By::libraries) {
    fastest_gzip_.run(object.lines.view(), member_);
  } else if (level) {
    gzip_.run(object.lines.view(), *level, member_);
  }
  object.bytes += level ? member_.size() : object.lines.size();
  object.lines.clear();
}

uint64_t LimitPipeline::finish() {
  uint64_t bytes = 0;
  for (auto& [hour, object] : objects_) {
    compress(object);
    bytes += object.bytes;
  }
  objects_.clear();
  return bytes;
}

}  // namespace cistern

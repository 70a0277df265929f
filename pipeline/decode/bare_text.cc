#include "pipeline/decode/bare_text.h"

#include <algorithm>

#include "pipeline/decode/json_text.h"

namespace cistern {
namespace {

constexpr size_t kKeptText = size_t{4} << 20;

// Cuts the first line off `text`, without its '\n'.
std::string_view take_line(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

uint64_t count_lines(std::string_view text) {
  const auto ends = static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
  return ends + (text.empty() || text.back() == '\n' ? 0 : 1);
}

bool is_unusual_control(char c) {
  const auto byte = static_cast<uint8_t>(c);
  return byte < 0x20 && (byte < '\b' || byte > '\r') && byte != 0x1b;
}

// A varint32 length. False: there is none.
bool take_length(std::string_view& bytes, uint64_t& length) {
  length = 0;
  for (int shift = 0; shift < 35 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    length |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

// ExportMetricsServiceRequest has one field, number 1, of messages: each begins with the tag 0a.
bool is_protobuf_stream(std::string_view bytes) {
  if (bytes.empty()) return false;
  while (!bytes.empty()) {
    uint64_t length = 0;
    if (!take_length(bytes, length) || length == 0 || length > bytes.size() || bytes.front() != '\n') {
      return false;
    }
    bytes.remove_prefix(length);
  }
  return true;
}

}  // namespace

void BareText::begin() { escaped_.renew(kKeptText); }

std::optional<DeadLetter> BareText::append_events(std::string_view text, std::string_view record,
                                                  int64_t timestamp_ms, std::vector<LogEvent>& events) {
  const uint64_t size = escaped_size(text);
  if (auto dead = refuse(events.size() + count_lines(text), escaped_.size() + size)) return dead;
  if (escaped_.empty()) {
    const uint64_t whole = text.size() == record.size() ? size : escaped_size(record);
    escaped_.reserve(std::min(whole, limits_.inflated_record_bytes));
  }
  while (!text.empty()) {
    const size_t start = escaped_.size();
    append_escaped(take_line(text), escaped_);
    events.push_back({{}, timestamp_ms, escaped_.view().substr(start), {}});
  }
  return std::nullopt;
}

std::optional<DeadLetter> BareText::refuse(uint64_t lines, uint64_t escaped) const {
  if (lines > limits_.events_per_record) {
    return DeadLetter{DeadLetterReason::too_many_events,
                      "more than " + std::to_string(limits_.events_per_record) + " log events"};
  }
  if (escaped > limits_.inflated_record_bytes) {
    return DeadLetter{DeadLetterReason::inflates_too_large,
                      "text of more than " + std::to_string(limits_.inflated_record_bytes) +
                          " bytes once escaped for JSON"};
  }
  return std::nullopt;
}

bool is_binary(std::string_view bytes, bool is_utf8) {
  // In this order: text is told from messages by its first few bytes.
  if (is_utf8 && !is_protobuf_stream(bytes)) return false;
  return std::any_of(bytes.begin(), bytes.end(), [](char c) { return is_unusual_control(c); });
}

}  // namespace cistern

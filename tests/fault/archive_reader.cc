#include "tests/fault/archive_reader.h"

#include <optional>
#include <sstream>
#include <utility>

#include <zlib.h>

#include <nlohmann/json.hpp>

namespace cistern::test {
namespace {

// All members, each of them whole.
std::optional<std::string> gunzip_all(const std::string& gzip) {
  std::string text;
  z_stream stream{};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
  stream.avail_in = static_cast<uInt>(gzip.size());
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return std::nullopt;
  bool whole = false;
  while (stream.avail_in > 0) {
    char part[32768];
    stream.next_out = reinterpret_cast<Bytef*>(part);
    stream.avail_out = sizeof part;
    const int code = inflate(&stream, Z_NO_FLUSH);
    text.append(part, sizeof part - stream.avail_out);
    whole = code == Z_STREAM_END;
    if (whole) inflateReset(&stream);
    if (code != Z_OK && code != Z_STREAM_END) break;
  }
  inflateEnd(&stream);
  return whole ? std::optional(std::move(text)) : std::nullopt;
}

}  // namespace

void ArchiveReader::read(const std::map<std::string, StoredObject>& objects) {
  for (const auto& [key, object] : objects) {
    if (!object.journal_id.empty() && keys_.insert(key).second) read_object(key, object.bytes);
  }
}

void ArchiveReader::read_object(const std::string& key, const std::string& bytes) {
  const auto text = gunzip_all(bytes);
  if (!text || text->empty() || text->back() != '\n') {
    if (unreadable_.empty()) unreadable_ = key + " is not whole gzip of whole lines";
    return;
  }
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    if (!read_line(key, line) && unreadable_.empty()) unreadable_ = key + " has the line " + line;
  }
}

bool ArchiveReader::read_line(const std::string& key, const std::string& line) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object() || !json.contains("requestId")) return false;
  const auto request_id = json["requestId"].get<std::string>();
  ArchivedEvent event{key, {}, {}, 0};
  if (json.contains("data")) {
    event.identity = dead_letter_identity(request_id, json["data"].get<std::string>());
    event.timestamp_ms = json["requestTimestamp"].get<int64_t>();
  } else {
    const auto id = json["id"].get<std::string>();
    event.message = json["message"].get<std::string>();
    event.identity = id.empty() ? text_identity(request_id, event.message) : id;
    event.timestamp_ms = json["timestamp"].get<int64_t>();
  }
  ++counts_[event.identity];
  events_.push_back(std::move(event));
  return true;
}

uint64_t ArchiveReader::count(const std::string& identity) const {
  const auto found = counts_.find(identity);
  return found == counts_.end() ? 0 : found->second;
}

}  // namespace cistern::test

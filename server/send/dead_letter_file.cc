#include "server/send/dead_letter_file.h"

#include <algorithm>
#include <string_view>

#include <nlohmann/json.hpp>

#include "pipeline/codec.h"
#include "pipeline/digest.h"
#include "pipeline/disk.h"

namespace cistern {
namespace {

constexpr uint64_t kMostBytes = 8ull << 30;  // of a file, inflated

Result<Buffer> text_of(const std::string& path) {
  CISTERN_TRY(const auto file, make_posix_disk()->open(path, Disk::Open::read));
  CISTERN_TRY(const uint64_t size, file->size());
  Buffer bytes;
  bytes.resize(size);
  CISTERN_TRY(const size_t got, file->read_at(0, bytes.data(), size));
  bytes.resize(got);
  if (!starts_gzip(bytes.view())) return bytes;
  Buffer text;
  const auto inflated = Gunzip().run(bytes.view(), kMostBytes, text);
  if (!inflated) return invalid(path + ": " + inflated.error().what);
  return text;
}

std::string text_member(const nlohmann::json& line, const char* name) {
  const auto found = line.find(name);
  return found != line.end() && found->is_string() ? found->get<std::string>() : std::string();
}

template <class T>
T number_member(const nlohmann::json& line, const char* name) {
  const auto found = line.find(name);
  return found != line.end() && found->is_number_integer() ? found->get<T>() : T{};
}

Result<StoredDeadLetter> parse(std::string_view text) {
  const auto line = nlohmann::json::parse(text, nullptr, false);
  const bool ours = line.is_object() && line.contains("reason") && line.contains("data");
  if (!ours) return invalid("is no dead letter of cistern");
  StoredDeadLetter letter;
  letter.request_id = text_member(line, "requestId");
  letter.source_arn = text_member(line, "sourceArn");
  letter.request_ms = number_member<int64_t>(line, "requestTimestamp");
  letter.record = number_member<uint64_t>(line, "record");
  letter.base64 = text_member(line, "data");
  Buffer decoded;
  Buffer padded(letter.base64);  // decoding may read past the text's end
  if (!base64_decode(padded.view(), decoded)) return invalid("has data that is not base64");
  return letter;
}

}  // namespace

Result<std::vector<StoredDeadLetter>> read_dead_letters(const std::string& path) {
  CISTERN_TRY(const Buffer text, text_of(path));
  std::vector<StoredDeadLetter> letters;
  std::string_view left = text.view();
  for (uint64_t number = 1; !left.empty(); ++number) {
    const size_t end = std::min(left.find('\n'), left.size());
    auto letter = parse(left.substr(0, end));
    if (!letter) return invalid(path + ": line " + std::to_string(number) + " " + letter.error().what);
    letters.push_back(std::move(letter).value());
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  return letters;
}

}  // namespace cistern

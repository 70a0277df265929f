#include "pipeline/archive/object_key.h"

#include <cstdio>
#include <string_view>

#include "pipeline/digest.h"
#include "pipeline/utc_time.h"

namespace cistern {
namespace {

constexpr const char* kExtension = ".ndjson.gz";
constexpr int64_t kLastMs = 253'402'300'799'999;  // the end of the year 9999

std::string hour_name(int64_t ms) {
  if (ms < 0 || ms > kLastMs) return "out-of-range-time";
  return utc_basic(ms).substr(0, 11) + "Z";  // 20261121T08Z
}

// xxxxxxxx-xxxx-8xxx-8xxx-xxxxxxxxxxxx: 122 bits of a digest.
std::string uuid_of(const std::string& journal_id, const std::string& number) {
  Sha256 digest = sha256(journal_id + "/" + number);
  digest[6] = static_cast<uint8_t>((digest[6] & 0x0f) | 0x80);  // version 8
  digest[8] = static_cast<uint8_t>((digest[8] & 0x3f) | 0x80);  // the variant of the RFC
  std::string text = hex(digest).substr(0, 32);
  for (const size_t at : {8, 13, 18, 23}) text.insert(at, "-");
  return text;
}

void put_in(std::string& key, std::string_view word, const std::string& text) {
  for (size_t at = key.find(word); at != key.npos; at = key.find(word, at + text.size()))
    key.replace(at, word.size(), text);
}

std::string two_digits(int64_t number) {
  return {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
}

std::string named_key(std::string key, int64_t first_ms, const std::string& journal_id,
                      const std::string& number) {
  const int64_t seconds = first_ms < 0 || first_ms > kLastMs ? 0 : first_ms / 1000;
  put_in(key, "{minute}", two_digits(seconds / 60 % 60));
  put_in(key, "{second}", two_digits(seconds % 60));
  put_in(key, "{journal}", journal_id);
  put_in(key, "{sequence}", number);
  put_in(key, "{uuid}", uuid_of(journal_id, number));
  return key;
}

}  // namespace

std::string object_key(const std::string& partition, int64_t first_ms, const std::string& journal_id,
                       uint64_t sequence) {
  char number[24];
  std::snprintf(number, sizeof number, "%010llu", static_cast<unsigned long long>(sequence));
  if (!partition.empty() && !partition.ends_with('/'))
    return named_key(partition, first_ms, journal_id, number);
  return partition + hour_name(first_ms) + "-" + journal_id + "-" + number + kExtension;
}

std::string unsealed_key(const std::string& partition, int64_t first_ms, const std::string& journal_id) {
  // Below the folder where a partition names its objects.
  const std::string folder = partition.substr(0, partition.rfind('/') + 1);
  return folder + hour_name(first_ms) + "-" + journal_id + "-unsealed" + kExtension;
}

}  // namespace cistern

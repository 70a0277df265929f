// Key templates and the values in keys: whatever is in them, a key is a safe path in bounds, and a value can
// be read back. Input: prefix, template, owner, log group, log stream, each ended by a NUL.
#include "pipeline/decode/json_check.h"
#include "pipeline/decode/json_text.h"
#include "pipeline/decode/partition_key.h"
#include "tests/fuzz/fuzz_target.h"

using namespace cistern;

namespace {

bool is_utf8(std::string_view text) {
  Buffer quoted;
  append_quoted(text, quoted);
  return unescape(quoted.view().substr(1, quoted.size() - 2)) == text;
}

void check_key(std::string_view key) {
  REQUIRE(key.size() <= KeyTemplate::kMostKeyBytes);
  REQUIRE(key.empty() || key.front() != '/');
  REQUIRE(key.empty() || key.ends_with('/') || key.ends_with(".gz"));  // an object's name
  REQUIRE(key.find("//") == key.npos);
  for (const char c : key) REQUIRE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  while (!key.empty()) {
    const std::string_view folder = test::take_until(key, '/');
    REQUIRE(folder != "." && folder != ".." && folder.size() <= KeyTemplate::kMostFolderBytes);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view rest = test::text_of(data, size);
  const std::string_view prefix = test::take_until(rest, '\0');
  const std::string_view key = test::take_until(rest, '\0');
  std::string values[3];
  for (std::string& value : values) value = test::take_until(rest, '\0');
  for (const std::string& value : values) {
    if (is_utf8(value) && value.size() <= 60) REQUIRE(from_key_safe(key_safe(value, 200)) == value);
  }
  const auto parsed = KeyTemplate::parse(prefix, key);
  if (!parsed) {
    REQUIRE(!parsed.error().what.empty());
    return 0;
  }
  std::string escaped[3];
  for (size_t i = 0; i < 3; ++i) {
    Buffer quoted;
    append_quoted(values[i], quoted);
    escaped[i] = quoted.view().substr(1, quoted.size() - 2);
  }
  Envelope envelope;
  envelope.owner = escaped[0];
  envelope.log_group = escaped[1];
  envelope.log_stream = escaped[2];
  const Delivery delivery;
  for (const int64_t time : {int64_t{0}, int64_t{1'795'248'000'123}, INT64_MIN, INT64_MAX, int64_t{-1}}) {
    check_key(parsed.value().render(time, envelope, delivery));
  }
  return 0;
}

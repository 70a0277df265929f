// A request's head: found at the same place however it arrives, and never read in two ways.
#include <optional>

#include "handlers/request_head.h"
#include "tests/fuzz/fuzz_target.h"

using namespace cistern;

namespace {

// Where the head ends, or 0 for an error, or -1 when it is incomplete; looked at in pieces of `step`.
int64_t scanned(std::string_view bytes, size_t step) {
  HeadScanner scanner;
  for (size_t seen = 0;; seen += step) {
    const auto found = scanner.scan(bytes.substr(0, seen));
    if (!found) return 0;
    if (found.value()) return static_cast<int64_t>(*found.value());
    if (seen >= bytes.size()) return -1;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes = test::text_of(data, size);
  const int64_t end = scanned(bytes, bytes.size() + 1);
  REQUIRE(scanned(bytes, 1) == end);
  RequestHead cut;
  (void)parse_request_head(bytes, cut);  // cut off by a limit, perhaps
  if (end <= 0) return 0;
  RequestHead head;
  if (!parse_request_head(bytes.substr(0, static_cast<size_t>(end)), head)) return 0;
  REQUIRE(!head.method.empty() && !head.target.empty());
  REQUIRE(!(head.chunked && head.content_length > 0));
  REQUIRE(!(head.chunked && head.count("Content-Length") > 0));
  REQUIRE(head.count("Content-Length") <= 1 || !head.has_body());
  for (const RequestHead::Field& field : head.fields) {
    REQUIRE(!field.name.empty());
    REQUIRE(field.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
  }
  (void)head.path();
  return 0;
}

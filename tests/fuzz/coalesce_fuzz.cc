// Small frames become larger members: every frame in exactly one piece, in order, and the same lines. Input:
// texts separated by NUL, each the lines of one frame; a text that begins with '!' is damage instead.
#include <string>
#include <vector>

#include "pipeline/archive/coalesce.h"
#include "pipeline/codec.h"
#include "tests/fuzz/fuzz_target.h"

using namespace cistern;

namespace {

void check_plan(std::string_view sizes) {
  std::vector<uint64_t> raw;
  for (const char c : sizes) raw.push_back(uint64_t{static_cast<unsigned char>(c)} << 11);
  size_t next = 0;
  for (const PieceRange& piece : plan_pieces(raw)) {
    REQUIRE(piece.first == next && piece.count > 0);
    next += piece.count;
  }
  REQUIRE(next == raw.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Gzip gzip;
  static Gunzip gunzip;
  std::string_view rest = test::text_of(data, size);
  check_plan(rest);
  std::vector<Buffer> frames;
  std::string lines;
  bool damaged = false;
  while (!rest.empty()) {
    const std::string_view text = test::take_until(rest, '\0');
    frames.emplace_back();
    if (text.starts_with("!")) {
      frames.back() = Buffer(text.substr(1));
      damaged = true;
    } else {
      gzip.run(text, Level{1}, frames.back());
      lines += text;
    }
  }
  std::vector<std::string_view> views;
  for (const Buffer& frame : frames) views.push_back(frame.view());
  const auto merged = merge_frames(views, lines.size());
  if (damaged && !merged) return 0;
  REQUIRE(merged.has_value());
  Buffer back;
  REQUIRE(gunzip.run(merged.value().view(), lines.size() + 1, back).has_value());
  REQUIRE(damaged || back.view() == lines);
  return 0;
}

// Any bytes come back as they were, by an inflate that is not ours; every kind of processor makes the same of
// them. Input: the bytes, and how often they are repeated, with a few of them changed each time: as the lines
// of a log are, up to several blocks of them.
#include <string>

#include <zlib.h>

#include "pipeline/deflate/fast_deflate.h"
#include "tests/fuzz/fuzz_target.h"

using namespace cistern;

namespace {

constexpr size_t kMostBytes = 200'000;

std::string repeated(std::string_view bytes, size_t times, size_t step) {
  std::string text(bytes);
  for (size_t i = 1; i < times && text.size() + bytes.size() <= kMostBytes; ++i) {
    text += bytes;
    for (size_t at = text.size() - bytes.size() + i % step; at < text.size(); at += step)
      text[at] = static_cast<char>(text[at] ^ static_cast<char>(i * at));
  }
  return text;
}

std::string inflated(std::string_view deflated, size_t size) {
  std::string text(size + 1, '\0');
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, -MAX_WBITS) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(deflated.data()));
  stream.avail_in = static_cast<uInt>(deflated.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  REQUIRE(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  REQUIRE(stream.avail_in == 0);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const size_t times = size_t{data[0]} * data[0], step = size_t{1} + data[1];
  const Buffer text(repeated(test::text_of(data + 2, size - 2), times, step));
  Buffer first;
  for (const ParseWay& way : ways_to_parse()) {
    Buffer deflated;
    FastDeflate(way).run(text.view(), deflated);
    REQUIRE(&way == ways_to_parse().data() || deflated.view() == first.view());
    if (first.empty()) first = std::move(deflated);
  }
  REQUIRE(inflated(first.view(), text.size()) == text.view());
  return 0;
}

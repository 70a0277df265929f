#include "pipeline/store/gzip_lines.h"

#include <algorithm>
#include <array>

#include <zlib.h>

namespace cistern {

struct GzipLines::State {
  z_stream stream{};
  bool good = false;
  bool between_members = true;
  uint64_t lines = 0;
  DigestStream digest{DigestKind::xxh3};
  std::array<char, 256 << 10> out;
};

GzipLines::GzipLines() : state_(std::make_unique<State>()) {
  constexpr int kGzipOnly = 16;
  state_->good = inflateInit2(&state_->stream, kGzipOnly + MAX_WBITS) == Z_OK;
}

GzipLines::~GzipLines() { inflateEnd(&state_->stream); }

bool GzipLines::feed(std::string_view gzip) {
  State& state = *state_;
  state.stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
  state.stream.avail_in = static_cast<uInt>(gzip.size());  // pieces are far below 4 GiB
  while (state.good && state.stream.avail_in > 0) state.good = inflate_some();
  return state.good;
}

bool GzipLines::inflate_some() {
  State& state = *state_;
  state.between_members = false;
  state.stream.next_out = reinterpret_cast<Bytef*>(state.out.data());
  state.stream.avail_out = static_cast<uInt>(state.out.size());
  const int code = inflate(&state.stream, Z_NO_FLUSH);
  const std::string_view text(state.out.data(), state.out.size() - state.stream.avail_out);
  state.lines += static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
  state.digest.update(text);
  if (code != Z_STREAM_END) return code == Z_OK;
  state.between_members = true;
  return inflateReset(&state.stream) == Z_OK;
}

std::optional<LineFacts> GzipLines::finish() {
  if (!state_->good || !state_->between_members) return std::nullopt;
  return LineFacts{state_->lines, state_->digest.finish()};
}

}  // namespace cistern

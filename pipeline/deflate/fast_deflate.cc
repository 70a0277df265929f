#include "pipeline/deflate/fast_deflate.h"

#include <algorithm>

#include "pipeline/deflate/block_codes.h"

namespace cistern {
namespace {

static_assert(Buffer::kPadding >= Window::kReadPast);

constexpr size_t kSampleBytes = size_t{32} << 10;
constexpr size_t kPieceBytes = size_t{16} << 10;
constexpr size_t kMostMatches = kSampleBytes / 4 + 1;

// A literal is at most 14 bits, a match at most 47 for its four bytes or more, and a block's header less than
// 600 bytes for 32 KiB or the end.
constexpr size_t most_bytes(size_t bytes) { return 2 * bytes + 1024; }

// What some bytes became.
struct Cost {
  size_t bytes, made;
  // By an eighth more, or by three less, they are other lines than those the codes were made of. What follows
  // a text's first lines is always somewhat cheaper: it has more to repeat.
  bool is_like(const Cost& sample) const {
    const size_t eighths = 8 * made * sample.bytes, same = sample.made * bytes;
    return eighths > 5 * same && eighths < 9 * same;
  }
};

}  // namespace

struct FastDeflate::State {
  explicit State(const ParseWay& chosen) : way(chosen) { matches.reserve(kMostMatches); }

  bool write_block(size_t& at, BitWriter& out);
  void write_sample(size_t at, size_t to, SymbolWriter& writer) const;
  size_t write_while_like(size_t at, const Cost& sample, SymbolWriter& writer);

  const ParseWay& way;
  Window window;
  std::vector<Match> matches;  // of a block's sample
  BlockCodes codes;
};

FastDeflate::FastDeflate(const ParseWay& way) : state_(std::make_unique<State>(way)) {}
FastDeflate::~FastDeflate() = default;

void FastDeflate::run(std::string_view bytes, Buffer& out) {
  state_->window.text = bytes;
  state_->window.last_seen.fill(0);
  out.reserve(out.size() + most_bytes(bytes.size()));
  BitWriter writer(out.data() + out.size());
  size_t at = 0;
  while (!state_->write_block(at, writer)) continue;
  out.resize(static_cast<size_t>(writer.finish() - out.data()));
}

// Whether it was the last one, which it is when nothing is left behind its sample. Moves `at` to its end.
bool FastDeflate::State::write_block(size_t& at, BitWriter& out) {
  const size_t begin = at;
  SymbolCounts counts;
  matches.clear();
  SampleKeeper keeper(matches, counts);
  at = way.keep(window, at, std::min(at + kSampleBytes, window.text.size()), keeper);
  const bool last = at == window.text.size();
  if (last) {
    codes.fit(counts);
  } else {
    codes.fit_sample(counts);
  }
  codes.write_header(last, out);
  SymbolWriter writer(codes, out);
  write_sample(begin, at, writer);
  if (!last) at = write_while_like(at, {at - begin, writer.out().made_since(out)}, writer);
  writer.end_block();
  out = writer.out();
  return last;
}

void FastDeflate::State::write_sample(size_t at, size_t to, SymbolWriter& writer) const {
  const char* literals = window.text.data() + at;
  for (const Match& match : matches) {
    writer.match(literals, match.literals, match.length, codes.distance(match.distance));
    literals += match.literals + match.length;
  }
  const char* const end = window.text.data() + to;
  if (literals < end) writer.literals(literals, static_cast<size_t>(end - literals));
}

// Returns how far it came.
size_t FastDeflate::State::write_while_like(size_t at, const Cost& sample, SymbolWriter& writer) {
  bool like_sample = true;
  while (like_sample && at < window.text.size()) {
    const size_t begin = at;
    const BitWriter before = writer.out();
    at = way.write(window, at, std::min(at + kPieceBytes, window.text.size()), writer);
    like_sample = Cost{at - begin, writer.out().made_since(before)}.is_like(sample);
  }
  return at;
}

}  // namespace cistern

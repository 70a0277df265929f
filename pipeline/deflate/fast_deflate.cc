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

// Where a block ends is not known at its beginning: so the last one has nothing in it but its end.
void write_end(BitWriter& out) {
  out.add(kLastBlock | kFixedBlock << 1, 3);
  out.add(0, 7);
  out.flush();
}

}  // namespace

struct FastDeflate::State {
  explicit State(const ParseWay& chosen) : way(chosen) { matches.reserve(kMostMatches); }

  size_t write_block(size_t begin, BitWriter& out);
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
  for (size_t at = 0; at < bytes.size();) at = state_->write_block(at, writer);
  write_end(writer);
  out.resize(static_cast<size_t>(writer.finish() - out.data()));
}

// Returns how far it came.
size_t FastDeflate::State::write_block(const size_t begin, BitWriter& out) {
  SymbolCounts counts;
  matches.clear();
  SampleKeeper keeper(matches, counts);
  size_t at = way.keep(window, begin, std::min(begin + kSampleBytes, window.text.size()), keeper);
  const bool sample_is_all = at == window.text.size();
  if (sample_is_all) {
    codes.fit(counts);
  } else {
    codes.fit_sample(counts);
  }
  codes.write_header(out);
  SymbolWriter writer(codes, out);
  write_sample(begin, at, writer);
  if (!sample_is_all) at = write_while_like(at, {at - begin, writer.out().made_since(out)}, writer);
  writer.end_block();
  out = writer.out();
  return at;
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

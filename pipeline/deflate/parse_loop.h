// Looks for what a stretch of lines repeats: included once for each kind of processor, by parse.cc, in a
// namespace of its own that has
//   uint64_t equal_bytes(const char* a, const char* b);  // of 64: bit i, when a[i] == b[i]
//   unsigned hex_run(const char* at);                    // how many of at most 64 bytes are 0 to 9 or a to f
//
// Lines of a log repeat the line before them but for a few bytes here and there: their own time, a counter.
// So, where a match ends, what goes on at the same distance a few bytes further is taken without a look at
// the table. And they hold ids, which repeat nothing: a row of hexadecimal digits whose first ones have not
// been seen is passed over whole.

constexpr size_t kMaskBytes = 64;
constexpr uint64_t kAllEqual = ~uint64_t{0};
constexpr size_t kFewestEqual = 4;  // shorter matches save nothing
constexpr size_t kNearby = 8;       // bytes between two matches at the same distance
constexpr uint64_t kTooFar = uint64_t{1} << (kNearby + 1);
constexpr size_t kShortestRun = 8;     // of digits
constexpr size_t kMissesPerStep = 64;  // after so many without a match, steps grow by a byte

[[gnu::always_inline]] inline uint32_t hash_of(uint32_t four_bytes) {
  return (four_bytes * 0x9e3779b1) >> (32 - Window::kHashBits);
}

[[gnu::always_inline]] inline uint32_t four_bytes_at(const char* at) { return load_little<uint32_t>(at); }

// Of a match that is longer than one mask, up to `most`.
inline size_t long_match(const char* at, const char* match, size_t most) {
  for (size_t length = kMaskBytes; length < most; length += kMaskBytes) {
    const auto equal = static_cast<size_t>(std::countr_one(equal_bytes(at + length, match + length)));
    if (equal < kMaskBytes) return std::min(length + equal, most);
  }
  return most;
}

// Begins matches from `at` to `stop`, returns how far it came. All positions count from the text's first
// byte.
template <bool kNearEnd, class Sink>
[[gnu::always_inline]] inline size_t look(Window& window, size_t at, const size_t stop, Sink& sink) {
  const char* const text = window.text.data();
  size_t literals = at;
  while (at < stop) {
    const uint32_t four_bytes = four_bytes_at(text + at);
    uint32_t& last_seen = window.last_seen[hash_of(four_bytes)];
    size_t match = last_seen;
    last_seen = static_cast<uint32_t>(at);
    const size_t distance = at - match;
    if (((four_bytes_at(text + match) ^ four_bytes) | (distance - 1) / kLongestDistance) != 0) {
      const size_t run = hex_run(text + at);
      if (run >= kShortestRun) [[unlikely]] {
        at += run;
        asm volatile("" : "+r"(at));  // as a conditional move it would have every step wait for the run
      } else {
        at += 1 + (at - literals) / kMissesPerStep;
      }
      continue;
    }
    uint64_t equal = equal_bytes(text + at, text + match);
    window.last_seen[hash_of(four_bytes_at(text + at + 1))] = static_cast<uint32_t>(at + 1);
    const auto written_distance = sink.distance(static_cast<uint32_t>(distance));
    for (;;) {
      size_t length = 0;
      if (equal == kAllEqual) [[unlikely]] {
        length = long_match(text + at, text + match, std::min(kLongestMatch, window.text.size() - at));
        equal = equal_bytes(text + at + length, text + match + length);
      } else {
        length = static_cast<size_t>(std::countr_one(equal));
        equal >>= length;
        if (kNearEnd) length = std::min(length, window.text.size() - at);
      }
      sink.match(text + literals, at - literals, length, written_distance);
      at += length;
      literals = at;
      const uint64_t pairs = equal & equal >> 1;
      const uint64_t fours = pairs & pairs >> 2;
      const auto gap = static_cast<size_t>(std::countr_zero(fours | kTooFar));
      if (gap > kNearby || at + gap >= stop) break;
      at += gap;
      match = at - distance;
      equal = equal_bytes(text + at, text + match);
    }
  }
  at = std::min(std::max(at, stop), window.text.size());
  sink.literals(text + literals, at - literals);
  return at;
}

template <class Sink>
size_t parse(Window& window, size_t at, const size_t to, Sink& given) {
  Sink sink = given;
  const size_t size = window.text.size();
  const size_t far_from_end = std::min(to, size - std::min(size, kMaskBytes));
  if (at < far_from_end) at = look<false>(window, at, far_from_end, sink);
  const size_t last = std::min(to, size - std::min(size, kFewestEqual - 1));
  if (at < last) at = look<true>(window, at, last, sink);
  if (at < to) sink.literals(window.text.data() + at, to - at);
  given = sink;
  return std::max(at, to);
}

#include "pipeline/codec.h"

#include <algorithm>
#include <array>
#include <limits>

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <libdeflate.h>

#include "pipeline/avx_state.h"
#include "pipeline/deflate/fast_deflate.h"
#include "pipeline/little_endian.h"

namespace cistern {
namespace {

constexpr size_t kHeaderBytes = 10;  // without a name, a comment or other extras
constexpr size_t kTrailerBytes = 8;  // CRC-32 and size
constexpr size_t kSmallestMember = kHeaderBytes + kTrailerBytes;

// A first guess at the output's size, from the trailer of the (last) member; the trailer may lie.
uint64_t size_hint(std::string_view gzip) {
  const auto hint = load_little<uint32_t>(gzip.data() + gzip.size() - sizeof(uint32_t));
  return std::min<uint64_t>(hint, gzip.size() * kMostInflation) + 1;
}

bool only_zeros(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == '\0'; });
}

}  // namespace

bool starts_gzip(std::string_view bytes) { return bytes.size() >= 3 && bytes.substr(0, 3) == "\x1f\x8b\x08"; }

// ISA-L's inflate: its tables take long to make and are fast to use. From 16 KiB on it takes less time than
// libdeflate's, a tenth to a third by the kind of lines.
class FastGunzip {
 public:
  static bool takes(std::string_view gzip, uint64_t room) {
    constexpr uint64_t kMost = std::numeric_limits<uint32_t>::max();
    return room >= kFewestBytes && room <= kMost && gzip.size() <= kMost;
  }

  // The first member of `gzip`. ISAL_DECOMP_OK: it was whole and fitted; then how much of `gzip` it was, and
  // what it made.
  int run(std::string_view gzip, uint8_t* out, uint64_t room, size_t& used, size_t& made) {
    isal_inflate_reset(&state_);
    state_.crc_flag = ISAL_GZIP;
    state_.next_in = reinterpret_cast<uint8_t*>(const_cast<char*>(gzip.data()));
    state_.avail_in = static_cast<uint32_t>(gzip.size());
    state_.next_out = out;
    state_.avail_out = static_cast<uint32_t>(room);
    const int outcome = isal_inflate_stateless(&state_);
    clean_avx_state();
    used = gzip.size() - state_.avail_in;
    made = state_.total_out;
    return outcome;
  }

 private:
  static constexpr uint64_t kFewestBytes = 16u << 10;

  inflate_state state_{};
};

// libdeflate's inflate with ISA-L's checksum, which takes a third of the time.
class SmallGunzip {
 public:
  ~SmallGunzip() { libdeflate_free_decompressor(inflater_); }

  // As libdeflate_gzip_decompress_ex, for the first member of `gzip`.
  libdeflate_result run(std::string_view gzip, uint8_t* out, uint64_t room, size_t& used, size_t& made) {
    const bool has_extras = gzip[3] != 0;
    if (!starts_gzip(gzip) || has_extras)
      return libdeflate_gzip_decompress_ex(inflater_, gzip.data(), gzip.size(), out, room, &used, &made);
    const auto outcome = libdeflate_deflate_decompress_ex(
        inflater_, gzip.data() + kHeaderBytes, gzip.size() - kSmallestMember, out, room, &used, &made);
    if (outcome != LIBDEFLATE_SUCCESS) return outcome;
    const char* trailer = gzip.data() + kHeaderBytes + used;
    const uint32_t crc = crc32_gzip_refl(0, out, made);
    clean_avx_state();
    used += kSmallestMember;
    const bool right = load_little<uint32_t>(trailer) == crc &&
                       load_little<uint32_t>(trailer + sizeof crc) == static_cast<uint32_t>(made);
    return right ? LIBDEFLATE_SUCCESS : LIBDEFLATE_BAD_DATA;
  }

 private:
  static libdeflate_decompressor* make_inflater() {
    libdeflate_decompressor* const made = libdeflate_alloc_decompressor();
    if (made == nullptr) throw std::bad_alloc();
    return made;
  }

  libdeflate_decompressor* const inflater_ = make_inflater();
};

struct Gunzip::State {
  SmallGunzip small;
  FastGunzip fast;

  // Inflates the first member of `gzip` to the end of `out`, drops it from `gzip`.
  Result<> member(std::string_view& gzip, uint64_t limit, Buffer& out, const Grow& grow) {
    if (gzip.size() < kSmallestMember) return invalid("cut off gzip member");
    const size_t before = out.size();
    uint64_t room = std::min(limit - before, size_hint(gzip));
    for (;;) {
      if (grow) {
        CISTERN_TRY(grow(before + room));
      }
      out.reserve(before + room);
      if (!grow) room = std::min(out.capacity(), limit) - before;
      size_t used = 0;
      size_t made = 0;
      const auto outcome = inflate(gzip, out.bytes() + before, room, used, made);
      if (outcome == LIBDEFLATE_SUCCESS) {
        out.resize(before + made);
        gzip.remove_prefix(used);
        return ok();
      }
      if (outcome != LIBDEFLATE_INSUFFICIENT_SPACE)
        return invalid("damaged gzip (cut off, or a wrong checksum)");
      if (before + room >= limit) return busy("inflates to more than " + std::to_string(limit) + " bytes");
      room = std::min(limit - before, 4 * room);
    }
  }

  // What is too large is not inflated twice to say so; what is damaged is libdeflate's to say.
  libdeflate_result inflate(std::string_view gzip, uint8_t* out, uint64_t room, size_t& used, size_t& made) {
    if (FastGunzip::takes(gzip, room)) {
      const int outcome = fast.run(gzip, out, room, used, made);
      if (outcome == ISAL_DECOMP_OK) return LIBDEFLATE_SUCCESS;
      if (outcome == ISAL_OUT_OVERFLOW) return LIBDEFLATE_INSUFFICIENT_SPACE;
    }
    return small.run(gzip, out, room, used, made);
  }
};

Gunzip::Gunzip() : state_(std::make_unique<State>()) {}
Gunzip::~Gunzip() = default;

Result<> Gunzip::run(std::string_view gzip, uint64_t max_bytes, Buffer& out, const Grow& grow) {
  const uint64_t limit = out.size() + max_bytes;
  do {
    CISTERN_TRY(state_->member(gzip, limit, out, grow));
  } while (!gzip.empty() && !only_zeros(gzip));
  return ok();
}

namespace {

constexpr int kLevels = 12;

class FastGzip {
 public:
  void run(std::string_view bytes, Buffer& out) {
    constexpr std::string_view kHeader("\x1f\x8b\x08\0\0\0\0\0\0\xff", kHeaderBytes);  // RFC 1952, 2.3
    out.append(kHeader);
    deflate_.run(bytes, out);
    const uint32_t crc =
        crc32_gzip_refl(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    clean_avx_state();
    ByteWriter trailer(out);
    trailer.u32(crc);
    trailer.u32(static_cast<uint32_t>(bytes.size()));
  }

 private:
  FastDeflate deflate_;
};

}  // namespace

struct Gzip::State {
  std::array<libdeflate_compressor*, kLevels + 1> deflaters{};
  std::unique_ptr<FastGzip> fast;

  ~State() {
    for (libdeflate_compressor* deflater : deflaters) libdeflate_free_compressor(deflater);
  }
  libdeflate_compressor* deflater(int level) {
    libdeflate_compressor*& made = deflaters[static_cast<size_t>(level)];
    if (made == nullptr) made = libdeflate_alloc_compressor(level);
    if (made == nullptr) throw std::bad_alloc();
    return made;
  }
};

Gzip::Gzip() : state_(std::make_unique<State>()) {}
Gzip::~Gzip() = default;

void Gzip::run(std::string_view bytes, Level level, Buffer& out) {
  if (level.value == Level::kFastest) {
    if (!state_->fast) state_->fast = std::make_unique<FastGzip>();
    return state_->fast->run(bytes, out);
  }
  libdeflate_compressor* deflater = state_->deflater(std::clamp(level.value, 1, kLevels));
  const size_t before = out.size();
  out.reserve(before + libdeflate_gzip_compress_bound(deflater, bytes.size()));
  const size_t made = libdeflate_gzip_compress(deflater, bytes.data(), bytes.size(), out.data() + before,
                                               out.capacity() - before);
  if (made == 0) std::abort();  // only for lack of room, which was reserved
  out.resize(before + made);
}

}  // namespace cistern
